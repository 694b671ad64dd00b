import json

import pyarrow.parquet as pq
import pytest

from builders.training import settings, snapshot, table, task
from doubles.store import MemoryStore
from perennial.api.model import CLASSIFICATION_METRICS, REGRESSION_METRICS, Metric
from perennial.api.reasons import JobReason
from perennial.api.tasks import LONGEST_REPORT, TrainingReport
from perennial.artifacts.answers import load_samples
from perennial.artifacts.manifest import ArtifactManifest
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.profile import Profile
from perennial.artifacts.tier import SERVING_FILE, Serving, Tier
from perennial.jobs.recipe.threads import reproducible
from perennial.jobs.report import JobFailure
from perennial.jobs.settings import Settings
from perennial.jobs.training import work
from perennial.jobs.training.artifact import complete
from perennial.jobs.training.prepare import part
from perennial.jobs.training.publish import publish

SMALL = {"parameters": {"max_iter": "10"}}
FILES = [
    "arrays.npz",
    "encoder.json",
    "environment.json",
    "estimator.json",
    "manifest.json",
    "metrics.json",
    "model.skops",
    "profile.json",
    "samples.json",
    "schema.json",
    "serving.json",
    "trees-0.onnx",
    "trusted-types.json",
]


def trained(stated, folder, rows=None) -> tuple[Settings, TrainingReport]:
    where = settings(folder)
    part(snapshot(rows or table(), where), stated, where.input)
    work.run(stated, where)
    return where, complete(stated, where, stated.recipe.parameters)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> tuple[Settings, TrainingReport]:
    """Train once for all tests that only look."""
    with reproducible():
        return trained(task(recipe=SMALL), tmp_path_factory.mktemp("small"))


def test_an_artifact_is_exactly_these_files(small):
    where, report = small
    assert sorted(path.name for path in where.output.iterdir()) == FILES
    content = (where.output / "manifest.json").read_bytes()
    manifest = ArtifactManifest.from_bytes(content, report.digest)
    manifest.verify(where.output)
    assert [file.name for file in manifest.files] == [
        one for one in FILES if one != "manifest.json"
    ]
    assert report.bytes == manifest.bytes
    assert report.path == f"perennial/delays/artifacts/{report.digest.removeprefix('sha256:')}/"


def test_the_manifest_says_what_the_model_is_made_of(small):
    where, report = small
    manifest = json.loads((where.output / "manifest.json").read_text())
    assert manifest["metadata"] == {
        "estimator": "HistGradientBoostingClassifier",
        "parameters": {"max_iter": "10"},
        "seed": 0,
        "snapshot": "sha256:" + "1" * 64,
    }
    assert report.parameters == {"max_iter": "10"}


@pytest.mark.parametrize(
    ("target", "metric", "measured"),
    [
        ("late", "roc_auc", CLASSIFICATION_METRICS),
        ("grade", "accuracy", CLASSIFICATION_METRICS),
        ("price", "r2", REGRESSION_METRICS),
    ],
)
def test_every_metric_of_the_problem_is_reported(target, metric, measured, tmp_path):
    _, report = trained(task(target, recipe=SMALL), tmp_path)
    assert report.metric == metric
    assert report.metrics.keys() == set(measured)
    assert report.samples == 64
    assert len(report.model_dump_json(by_alias=True)) < LONGEST_REPORT


def test_the_metrics_file_says_what_the_report_says(small):
    where, report = small
    stored = json.loads((where.output / "metrics.json").read_text())
    assert stored["metric"] == report.metric
    assert stored["metrics"]["roc_auc"]["value"] == report.metrics[Metric.ROC_AUC].value


def test_the_model_answers_its_samples(small):
    where, _ = small
    samples = load_samples(where.output)
    TrainedPipeline.load(where.output).self_check(samples)
    assert len(samples.rows) == 32


def test_the_report_and_the_artifact_say_how_it_is_served(small):
    where, report = small
    serving = Serving.model_validate_json((where.output / SERVING_FILE).read_text())
    assert (report.tier, report.tier_reason) == (Tier.COMPILED, None) == (serving.tier, None)
    assert report.compared_rows == serving.rows > 10_000
    assert report.largest_difference == serving.difference < 1e-12


def test_what_cannot_be_compiled_is_served_another_way(tmp_path):
    recipe = {"estimator": "KNeighborsClassifier"}
    where, report = trained(task(recipe=recipe), tmp_path)
    assert report.tier is Tier.ENCODED
    assert report.tier_reason == "KNeighborsClassifier has no compiled form"
    assert (where.output / "encoder.json").exists()
    assert not (where.output / "estimator.json").exists()


def test_the_profile_counts_the_rows_of_the_training(small):
    where, report = small
    profile = Profile.model_validate_json((where.output / "profile.json").read_text())
    assert (profile.rows, profile.held_out) == (176, report.samples)


def test_the_manifest_is_stored_last(tmp_path):
    stated, where = task(recipe=SMALL), settings(tmp_path)
    part(snapshot(table(), where), stated, where.input)
    work.run(stated, where)
    store = MemoryStore()
    report = publish(stated, where, store)
    names = [key.removeprefix(report.path) for key in store.stored]
    assert names[-1] == "manifest.json"
    assert sorted(names) == FILES


def test_the_same_inputs_give_the_same_digest(small, tmp_path):
    _, second = trained(task(recipe=SMALL), tmp_path)
    assert second == small[1]


def test_other_inputs_give_another_digest(small, tmp_path):
    _, other_rows = trained(task(recipe=SMALL), tmp_path / "2", table(seed=1))
    _, other_recipe = trained(task(recipe={"parameters": {"max_iter": "9"}}), tmp_path / "3")
    assert len({small[1].digest, other_rows.digest, other_recipe.digest}) == 3


def test_whole_groups_are_drawn_where_groups_are_held_out(tmp_path):
    by_group = {"method": "Group", "column": "shop", "holdout": "0.25"}
    _, grouped = trained(task(split=by_group, recipe=SMALL), tmp_path / "1")
    assert grouped.samples > 40


def test_a_metric_that_the_held_out_rows_do_not_allow_is_left_out(tmp_path):
    _, report = trained(task(recipe={"estimator": "LinearSVC"}), tmp_path)
    assert Metric.ROC_AUC in report.metrics
    assert Metric.LOG_LOSS not in report.metrics


def test_a_headline_that_cannot_be_measured_is_a_failure(tmp_path):
    stated = task("price", recipe=SMALL)
    where = settings(tmp_path)
    part(snapshot(table(), where), stated, where.input)
    work.run(stated, where)
    held_out = pq.read_table(where.input / "held-out.parquet")
    pq.write_table(held_out.slice(0, 1), where.input / "held-out.parquet")
    with pytest.raises(JobFailure, match="r2 cannot be measured on 1 held-out rows") as failure:
        complete(stated, where, {})
    assert failure.value.reason is JobReason.FIT_FAILED
