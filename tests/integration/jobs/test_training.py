"""All three steps of a training against a real object store."""

import json

import pytest

from builders.training import settings, snapshot, table, task
from perennial.api.tasks import Step, TrainingReport, TrainingTask
from perennial.artifacts.answers import load_samples
from perennial.artifacts.manifest import ArtifactManifest
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.snapshot import SNAPSHOT_FILE, SnapshotManifest
from perennial.jobs.__main__ import run
from perennial.jobs.settings import Settings
from perennial.jobs.training.prepare import SNAPSHOT_FOLDER

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

STEPS: tuple[Step, ...] = ("prepare", "work", "publish")
SMALL = {"parameters": {"max_iter": "10"}}


@pytest.fixture
def taken(tmp_path, location, bucket) -> SnapshotManifest:
    """A snapshot that stands in the bucket as a snapshot Job leaves it."""
    made = settings(tmp_path / "made")
    manifest = snapshot(table(), made)
    path = location.snapshot("delays", manifest.digest)
    for file in manifest.files:
        bucket.put(f"{path}{file.name}", made.input / SNAPSHOT_FOLDER / file.name)
    bucket.put(f"{path}{SNAPSHOT_FILE}", manifest.model_dump_json(by_alias=True))
    return manifest


@pytest.fixture
def train(tmp_path, location, taken):
    """Run the steps until one fails; return the last report and which step left it."""

    def train(name="pod", **changes):
        pod = tmp_path / name
        pod.mkdir()
        where = Settings(pod, pod / "task.json", pod / "report.json", location)
        path = location.snapshot("delays", taken.digest)
        where.task_file.write_text(_told(task(**{"recipe": SMALL, **changes}), taken, path))
        for step in STEPS:
            if run("training", step, where):
                break
        return json.loads(where.report_file.read_text()), step

    return train


def _told(stated: TrainingTask, taken: SnapshotManifest, path: str) -> str:
    """Return the task as the operator tells it: without what is the default anyway."""
    found = stated.snapshot.model_copy(update={"digest": taken.digest, "path": path})
    complete = stated.model_copy(update={"snapshot": found})
    return complete.model_dump_json(by_alias=True, exclude_defaults=True)


def test_a_model_is_trained_stored_and_can_be_loaded(train, bucket, tmp_path):
    report = TrainingReport.model_validate(train()[0])
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    keys = bucket.keys(report.path)
    for key in keys:
        (fetched / key.removeprefix(report.path)).write_bytes(bucket.get(key))
    content = (fetched / "manifest.json").read_bytes()
    ArtifactManifest.from_bytes(content, report.digest).verify(fetched)
    TrainedPipeline.load(fetched).self_check(load_samples(fetched))
    assert len(keys) == 13


def test_the_same_inputs_are_stored_once(train, bucket):
    first, _ = train("first")
    stamps = {key: _stored_at(bucket, key) for key in bucket.keys(first["path"])}
    second, _ = train("second")
    assert second == first
    assert {key: _stored_at(bucket, key) for key in bucket.keys(first["path"])} == stamps


def test_what_a_search_chose_is_reported(train):
    searched = {"folds": 2, "parameters": {"max_leaf_nodes": ["2", "15"]}}
    report, _ = train(recipe={**SMALL, "search": searched})
    assert report["parameters"].keys() == {"max_iter", "max_leaf_nodes"}


@pytest.mark.parametrize(
    ("changes", "step", "reason", "words"),
    [
        ({"target": "lateness"}, "prepare", "InvalidTarget", "has no column lateness"),
        ({"target": "since"}, "prepare", "InvalidTarget", "its type is Timestamp"),
        ({"recipe": {"parameters": {"max_itr": "9"}}}, "prepare", "InvalidSpec", "max_iter?"),
        ({"positive_class": "yes"}, "work", "InvalidSpec", "it has false, true"),
        (
            {"recipe": {"estimator": "NuSVC", "parameters": {"nu": "1.0"}}},
            "work",
            "FitFailed",
            "NuSVC cannot be fitted: specified nu is infeasible",
        ),
    ],
)
def test_what_cannot_be_trained_is_told_with_its_reason(train, changes, step, reason, words):
    report, failed = train(**changes)
    assert (failed, report["reason"], report["inSpec"]) == (step, reason, True)
    assert words in report["message"]


def test_a_snapshot_that_was_changed_is_not_learned_from(train, bucket, location, taken):
    path = location.snapshot("delays", taken.digest)
    bucket.put(f"{path}part-00001.parquet", b"PAR1 something else PAR1")
    report, failed = train()
    assert (failed, report["reason"], report["inSpec"]) == ("prepare", "DigestMismatch", False)
    assert report["message"].startswith("part-00001.parquet has ")


def test_a_snapshot_that_is_gone_is_named(train, bucket, location, taken):
    bucket.delete(bucket.keys(location.snapshot("delays", taken.digest)))
    report, failed = train()
    assert (failed, report["reason"], report["inSpec"]) == ("prepare", "SourceNotFound", False)
    assert "snapshot.json" in report["message"]


def _stored_at(bucket, key):
    return bucket.client.head_object(Bucket=bucket.store.bucket, Key=key)["LastModified"]
