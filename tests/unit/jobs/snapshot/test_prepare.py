import pytest

from builders.snapshot import as_csv, contract, published, settings, snapshot
from doubles.store import LOCATION, MemoryStore
from perennial.api.reasons import JobReason
from perennial.api.tasks import SnapshotTask
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.prepare import prepare
from perennial.jobs.snapshot.source.files import SourceFiles

CLAIM = {"volume": {"claimName": "exports", "path": "raw/"}}


def prepared(folder, store, **fields):
    previous = fields.pop("previous", None)
    task = SnapshotTask(
        dataset="flights", namespace="delays", contract=contract(**fields), previous=previous
    )
    prepare(task, settings(folder), LOCATION, store)
    return SourceFiles.left_by_prepare(settings(folder)).files


def test_the_objects_of_the_source_are_brought_into_the_pod(tmp_path):
    store = MemoryStore({"team/raw/a.csv": b"a", "team/raw/b.csv": b"b", "raw/c.csv": b"c"})
    files = prepared(tmp_path, store)
    assert [(file.name, file.path.read_bytes()) for file in files] == [
        ("raw/a.csv", b"a"),
        ("raw/b.csv", b"b"),
    ]


def test_the_files_of_a_volume_stay_where_they_are(tmp_path):
    folder = settings(tmp_path).source / "raw"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(as_csv())
    (file,) = prepared(tmp_path, MemoryStore(), source=CLAIM)
    assert file.path == folder / "a.csv"


def test_an_empty_volume_names_the_claim(tmp_path):
    with pytest.raises(JobFailure, match="claim exports should hold objects") as failure:
        prepared(tmp_path, MemoryStore(), source=CLAIM)
    assert failure.value.reason is JobReason.SOURCE_NOT_FOUND


def test_a_delimiter_that_is_the_decimal_too_is_a_mistake_in_the_spec(tmp_path):
    csv = {"delimiter": ",", "decimal": ","}
    with pytest.raises(
        JobFailure, match=r"csv\.delimiter and csv\.decimal are both ','"
    ) as failure:
        prepared(tmp_path, MemoryStore(), source={"object": {"path": "raw/", "csv": csv}})
    assert failure.value.in_spec


def test_the_types_of_the_last_snapshot_hold_for_the_next(tmp_path):
    taken, store = published(tmp_path / "one", {"a.csv": b"x\n1\n"}, contract())
    with pytest.raises(JobFailure) as failure:
        published(tmp_path / "two", {"a.csv": b"x\nUA\n"}, contract(), store, taken.path)
    assert failure.value.reason is JobReason.SCHEMA_CHANGED


def test_a_last_snapshot_that_somebody_removed_is_no_obstacle(tmp_path, capsys):
    published(tmp_path, {"a.csv": b"x\n1\n"}, contract(), previous="team/gone/")
    assert "team/gone/ is gone" in capsys.readouterr().out


def test_a_compressed_file_is_read(tmp_path):
    import gzip  # noqa: PLC0415 - of this test alone

    plain = snapshot(tmp_path / "one", {"a.csv": as_csv()})
    packed = snapshot(tmp_path / "two", {"a.csv.gz": gzip.compress(as_csv())})
    assert packed.digest == plain.digest
