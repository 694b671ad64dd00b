import pytest

from builders.training import settings, snapshot, table, task
from perennial.api.model import Metric
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.recipe.threads import reproducible
from perennial.jobs.table.rows import HELD_OUT_FILE, Rows, read_rows
from perennial.jobs.training import work
from perennial.jobs.training.importance import importances
from perennial.jobs.training.prepare import part

STATED = task(recipe={"parameters": {"max_iter": "20"}})


@pytest.fixture(scope="module")
def learned(tmp_path_factory) -> tuple[TrainedPipeline, Rows]:
    where = settings(tmp_path_factory.mktemp("importance"))
    with reproducible():
        part(snapshot(table(2000), where), STATED, where.input)
        work.run(STATED, where)
    trained = TrainedPipeline.load(where.output)
    return trained, read_rows(where.input / HELD_OUT_FILE, trained.schema.inputs, STATED)


def test_what_the_target_depends_on_is_more_important_than_what_it_does_not(learned):
    found = importances(*learned, Metric.ROC_AUC, seed=0)

    assert set(found) == {column.name for column in learned[0].schema.inputs}
    assert min(found["amount"], found["visits"]) > 0.05
    assert max(abs(found[name]) for name in ("member", "since")) < 0.05


def test_an_error_that_grows_is_importance_too(learned):
    assert importances(*learned, Metric.LOG_LOSS, seed=0)["amount"] > 0.02


def test_equal_seeds_give_equal_importances(learned):
    assert importances(*learned, Metric.F1, 3) == importances(*learned, Metric.F1, 3)
