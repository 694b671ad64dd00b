import json

import pyarrow.parquet as pq
import pytest

from builders.store import MemoryStore
from builders.training import settings, snapshot, table, task
from perennial.api.model import CLASSIFICATION_METRICS, REGRESSION_METRICS, Metric
from perennial.api.reasons import JobReason
from perennial.api.tasks import LONGEST_REPORT, TrainingReport
from perennial.artifacts.answers import load_samples
from perennial.artifacts.manifest import ArtifactManifest
from perennial.artifacts.predictor import Predictor
from perennial.jobs.report import JobFailure
from perennial.jobs.settings import Settings
from perennial.jobs.training import work
from perennial.jobs.training.prepare import part
from perennial.jobs.training.publish import complete, publish

SMALL = {"parameters": {"max_iter": "10"}}
FILES = [
    "environment.json",
    "manifest.json",
    "metrics.json",
    "model.skops",
    "samples.json",
    "schema.json",
    "trusted-types.json",
]


def trained(stated, folder, rows=None) -> tuple[Settings, TrainingReport]:
    where = settings(folder)
    part(snapshot(rows or table(), where), stated, where.input)
    work.run(stated, where)
    return where, complete(stated, where, stated.recipe.parameters)


def test_an_artifact_is_exactly_these_files(tmp_path):
    where, report = trained(task(recipe=SMALL), tmp_path)
    assert sorted(path.name for path in where.output.iterdir()) == FILES
    content = (where.output / "manifest.json").read_bytes()
    manifest = ArtifactManifest.from_bytes(content, report.digest)
    manifest.verify(where.output)
    assert [file.name for file in manifest.files] == [name for name in FILES if name != FILES[1]]
    assert report.bytes == manifest.bytes
    assert report.path == f"perennial/delays/artifacts/{report.digest.removeprefix('sha256:')}/"


def test_the_manifest_says_what_the_model_is_made_of(tmp_path):
    where, report = trained(task(recipe=SMALL), tmp_path)
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
def test_every_measure_of_the_problem_is_reported(target, metric, measured, tmp_path):
    _, report = trained(task(target, recipe=SMALL), tmp_path)
    assert report.metric == metric
    assert report.metrics.keys() == set(measured)
    assert report.samples == 64
    assert len(report.model_dump_json(by_alias=True)) < LONGEST_REPORT


def test_the_metrics_file_says_what_the_report_says(tmp_path):
    where, report = trained(task(recipe=SMALL), tmp_path)
    stored = json.loads((where.output / "metrics.json").read_text())
    assert stored["metric"] == report.metric
    assert stored["metrics"]["roc_auc"]["value"] == report.metrics[Metric.ROC_AUC].value


def test_the_model_answers_its_samples(tmp_path):
    where, _ = trained(task(recipe=SMALL), tmp_path)
    samples = load_samples(where.output)
    Predictor.load(where.output).self_check(samples)
    assert len(samples.rows) == 32


def test_the_manifest_is_stored_last(tmp_path):
    stated, where = task(recipe=SMALL), settings(tmp_path)
    part(snapshot(table(), where), stated, where.input)
    work.run(stated, where)
    store = MemoryStore()
    report = publish(stated, where, store)
    names = [key.removeprefix(report.path) for key in store.stored]
    assert names[-1] == "manifest.json"
    assert sorted(names) == FILES


def test_the_same_inputs_give_the_same_digest(tmp_path):
    _, first = trained(task(recipe=SMALL), tmp_path / "1")
    _, second = trained(task(recipe=SMALL), tmp_path / "2")
    assert first == second


def test_other_inputs_give_another_digest(tmp_path):
    _, one = trained(task(recipe=SMALL), tmp_path / "1")
    _, other_rows = trained(task(recipe=SMALL), tmp_path / "2", table(seed=1))
    _, other_recipe = trained(task(recipe={"parameters": {"max_iter": "9"}}), tmp_path / "3")
    assert len({one.digest, other_rows.digest, other_recipe.digest}) == 3


def test_whole_groups_are_drawn_where_groups_are_held_out(tmp_path):
    by_group = {"method": "Group", "column": "shop", "holdout": "0.25"}
    _, grouped = trained(task(split=by_group, recipe=SMALL), tmp_path / "1")
    assert grouped.samples > 40


def test_a_measure_that_the_held_out_rows_do_not_allow_is_left_out(tmp_path):
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
