import json

from builders.snapshot import FLIGHTS, as_csv, as_parquet, contract, published
from doubles.store import MemoryStore
from perennial.artifacts.snapshot import SnapshotManifest


def test_a_snapshot_is_stored_under_its_digest_and_committed_last(tmp_path):
    report, store = published(tmp_path, {"a.csv": as_csv()}, contract(timeColumn="time_hour"))
    hexadecimal = report.digest.removeprefix("sha256:")
    assert report.path == f"team/perennial/delays/snapshots/{hexadecimal}/"
    assert store.stored[-1] == f"{report.path}snapshot.json"
    assert store.stored[0].startswith(f"{report.path}part-00000-")
    assert report.rows == 6
    assert report.bytes == len(store.content[store.stored[0]])
    assert (report.from_.day, report.to.day) == (1, 6)


def test_its_description_stands_beside_the_files(tmp_path):
    report, store = published(tmp_path, {"a.csv": as_csv()}, contract())
    manifest = SnapshotManifest.from_bytes(store.read(f"{report.path}snapshot.json"), report.digest)
    assert manifest.types()["flight"] == "Integer"
    assert json.loads(store.read(f"{report.path}snapshot.json"))["rows"] == 6


def test_the_same_rows_are_stored_once_whatever_the_contract(tmp_path):
    first, store = published(tmp_path / "one", {"a.csv": as_csv()}, contract())
    store.stored.clear()
    again, _ = published(
        tmp_path / "two", {"a.csv": as_csv()}, contract(quality={"minRows": 1}), store
    )
    assert store.stored == []
    assert again.path == first.path
    assert again.bytes == first.bytes
    assert (first.quality.passed, again.quality.passed) == (0, 1)


def test_an_upload_that_broke_off_is_taken_up_again(tmp_path):
    whole, _ = published(tmp_path / "one", {"a.csv": as_csv()}, contract())
    store = MemoryStore()
    published(tmp_path / "two", {"a.csv": as_csv()}, contract(), store)
    del store.content[f"{whole.path}snapshot.json"]
    again, _ = published(tmp_path / "three", {"a.csv": as_csv()}, contract(), store)
    assert again == whole


def test_warnings_are_reported_with_the_snapshot(tmp_path):
    rows = {**FLIGHTS, "remark": ["mary@example.com"] * 6}
    of = contract(quality={"personalData": "Warn"})
    report, _ = published(tmp_path, {"a.parquet": as_parquet(rows)}, of)
    (check,) = report.quality.checks
    assert (check.name, check.column, check.outcome) == ("PersonalData", "remark", "Warned")
    assert check.observed == "e-mail addresses in 6 values"
