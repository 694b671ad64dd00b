"""All three steps of a snapshot against a real object store."""

import json
from datetime import UTC, datetime

import pytest

from builders.snapshot import as_csv, as_json_lines, as_parquet, contract
from perennial.api.tasks import SnapshotReport, SnapshotTask, Step
from perennial.jobs.__main__ import run
from perennial.jobs.settings import Settings
from perennial.jobs.stored_snapshot import fetch_snapshot

pytestmark = pytest.mark.integration

STEPS: tuple[Step, ...] = ("prepare", "work", "publish")
COLUMNS = [{"name": "dep_delay", "type": "Number"}]


@pytest.fixture
def take(tmp_path, location, bucket):
    """Run the steps over these objects; return the report of the one that ended it."""

    def take(files, of, name="pod", previous=None):
        folder = tmp_path / name
        pod = Settings(folder, folder / "task.json", folder / "report.json", location)
        folder.mkdir()
        task = SnapshotTask(dataset="flights", namespace="delays", contract=of, previous=previous)
        pod.task_file.write_text(task.model_dump_json(by_alias=True, exclude_defaults=True))
        for file, content in files.items():
            bucket.put(location.key(f"{name}/{file}"), content)
        failed = any(run("snapshot", step, pod) for step in STEPS)
        return json.loads(pod.report_file.read_text()), failed

    return take


def of(name, **fields):
    return contract(path=f"{name}/", timeColumn="time_hour", columns=COLUMNS, **fields)


def test_a_snapshot_is_taken_stored_and_can_be_fetched(take, store, tmp_path):
    told, failed = take({"a.csv": as_csv(), "_SUCCESS": b""}, of("pod"))
    report = SnapshotReport.model_validate(told)
    assert not failed
    assert (report.rows, report.quality.outcome) == (6, "Passed")
    assert report.to == datetime(2013, 1, 6, 5, tzinfo=UTC)
    manifest = fetch_snapshot(store, report.path, report.digest, tmp_path / "fetched")
    assert manifest.rows == 6
    assert [one.key for one in store.objects(report.path)] == [
        f"{report.path}{manifest.files[0].name}",
        f"{report.path}snapshot.json",
    ]


def test_the_same_rows_from_other_files_are_stored_once(take, store):
    digests = set()
    for name, content in {
        "one.csv": as_csv(),
        "two.parquet": as_parquet(),
        "three.jsonl": as_json_lines(),
    }.items():
        report, _ = take({name: content}, of(name.split(".")[0]), name.split(".")[0])
        digests.add(report["digest"])
    assert len(digests) == 1
    assert len([*store.objects(report["path"])]) == 2


@pytest.mark.parametrize(
    ("files", "fields", "reason", "words"),
    [
        ({}, {}, "SourceNotFound", "holds none: upload files"),
        ({"a.parquet": as_parquet()[:-100]}, {}, "UnreadableData", "is cut off"),
        ({"a.csv": as_csv(delimiter=";")}, {}, "SchemaMismatch", "csv.delimiter"),
        ({"a.csv": b"time_hour,x\n"}, {}, "SchemaMismatch", "has no column 'dep_delay'"),
        ({"a.csv": as_csv(), "b.parquet": as_parquet()}, {}, "UnreadableData", "mixes formats"),
        ({"a.csv": as_csv()}, {"quality": {"minRows": 7}}, "QualityFailed", "at least 7 allowed"),
        (
            {"a.csv": as_csv()},
            {"filter": [{"column": "carrier", "values": ["XX"]}]},
            "NoRows",
            "spec.filter keeps none of the 6 rows",
        ),
    ],
)
def test_what_is_wrong_with_a_source_reaches_the_report(take, files, fields, reason, words):
    report, failed = take(files, of("pod", **fields))
    assert failed
    assert report["reason"] == reason
    assert words in report["message"]
