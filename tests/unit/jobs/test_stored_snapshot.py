import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.snapshot import as_parquet, contract, published
from perennial.artifacts.manifest import DigestMismatchError, describe
from perennial.artifacts.snapshot import SNAPSHOT_FILE, SnapshotManifest
from perennial.jobs.stored_snapshot import fetch_snapshot


@pytest.fixture
def stored(tmp_path):
    return published(tmp_path / "taken", {"a.parquet": as_parquet()}, contract())


def part_of(store, report):
    return next(key for key in store.content if key.startswith(f"{report.path}part-"))


def test_a_stored_snapshot_is_fetched_and_verified(stored, tmp_path):
    report, store = stored
    manifest = fetch_snapshot(store, report.path, report.digest, tmp_path / "input")
    assert manifest.rows == report.rows == 6
    assert pq.read_table(manifest.parts(tmp_path / "input")[0]).num_rows == 6


def test_a_changed_file_is_named(stored, tmp_path):
    report, store = stored
    part = part_of(store, report)
    store.content[part] = store.content[part][:-1] + b"x"
    with pytest.raises(DigestMismatchError, match=r"part-00000-\w+\.parquet has changed"):
        fetch_snapshot(store, report.path, report.digest, tmp_path / "input")


def test_other_rows_under_a_corrected_manifest_are_found_out_all_the_same(stored, tmp_path):
    report, store = stored
    part = part_of(store, report)
    honest = pq.read_table(pa.BufferReader(store.content[part]))
    forged = honest.set_column(
        honest.column_names.index("flight"), "flight", pa.array([1] * 6, pa.int64())
    )
    pq.write_table(forged, tmp_path / "forged.parquet")
    manifest = SnapshotManifest.model_validate_json(store.read(f"{report.path}{SNAPSHOT_FILE}"))
    file = describe(tmp_path, ["forged.parquet"])[0].model_copy(
        update={"name": manifest.files[0].name}
    )
    store.content[part] = (tmp_path / "forged.parquet").read_bytes()
    store.content[f"{report.path}{SNAPSHOT_FILE}"] = (
        manifest.model_copy(update={"files": (file,)}).model_dump_json(by_alias=True).encode()
    )
    with pytest.raises(DigestMismatchError, match="column flight of the snapshot has changed"):
        fetch_snapshot(store, report.path, report.digest, tmp_path / "input")
