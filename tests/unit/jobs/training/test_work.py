import json
import warnings

import pytest

from builders.training import settings, snapshot, table, task
from perennial.api.reasons import JobReason
from perennial.artifacts.model_schema import ModelSchema
from perennial.jobs.report import JobFailure
from perennial.jobs.training import work
from perennial.jobs.training.prepare import part

LINEAR = {"estimator": "LogisticRegression"}


def worked(stated, folder):
    where = settings(folder)
    part(snapshot(table(), where), stated, where.input)
    work.run(stated, where)
    return where


def test_a_model_and_what_it_takes_are_left_to_the_next_step(tmp_path):
    where = worked(task(recipe=LINEAR), tmp_path)
    names = sorted(path.name for path in where.output.iterdir())
    assert names == ["model.skops", "schema.json", "trusted-types.json"]
    assert json.loads((tmp_path / "chosen.json").read_text()) == {}


@pytest.mark.parametrize(
    ("target", "classes", "positive"),
    [
        ("late", (False, True), True),
        ("grade", ("low", "middle", "top"), None),
        ("level", (0, 1, 2), None),
        ("price", None, None),
    ],
)
def test_the_schema_tells_inputs_and_answers(target, classes, positive, tmp_path):
    where = worked(task(target), tmp_path)
    found = ModelSchema.model_validate_json((where.output / "schema.json").read_text())
    assert (found.classes, found.positive_class) == (classes, positive)
    assert [one.name for one in found.inputs] == ["amount", "visits", "member", "since", "city"]


def test_what_a_search_chose_is_told(tmp_path):
    looked_for = {"folds": 2, "parameters": {"C": ["1e-9", "1"]}}
    worked(task(time=False, recipe={**LINEAR, "search": looked_for}), tmp_path)
    assert json.loads((tmp_path / "chosen.json").read_text()) == {"C": "1"}


def test_a_metric_that_cannot_be_taken_is_refused_before_anything_is_fitted(tmp_path):
    with pytest.raises(JobFailure, match="log_loss needs probabilities") as failure:
        worked(task(metric="log_loss", recipe={"estimator": "LinearSVC"}), tmp_path)
    assert failure.value.reason is JobReason.INVALID_SPEC


def test_each_warning_of_scikit_learn_is_logged_once(tmp_path, capsys):
    impatient = {"estimator": "LogisticRegression", "parameters": {"max_iter": "1"}}
    looked_for = {"folds": 2, "parameters": {"C": ["1", "2"]}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        worked(task(time=False, recipe={**impatient, "search": looked_for}), tmp_path)
    lines = [line for line in capsys.readouterr().out.splitlines() if "scikit-learn: " in line]
    assert len(lines) == len(set(lines)) > 0
