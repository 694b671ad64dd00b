import hashlib
import struct
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perennial.artifacts.rows import RowDigest, digest_of_parts

MOMENT = datetime(2013, 1, 1, 5, tzinfo=UTC)
COLUMNS = {
    "late": (pa.array([True, None, False]), [b"\x01", None, b"\x00"]),
    "flight": (
        pa.array([1545, None, -1], pa.int64()),
        [struct.pack("<q", 1545), None, struct.pack("<q", -1)],
    ),
    "delay": (pa.array([2.5, 0.0, None]), [struct.pack("<d", 2.5), struct.pack("<d", 0.0), None]),
    "time": (
        pa.array([MOMENT, None, MOMENT], pa.timestamp("us", "UTC")),
        [struct.pack("<q", 1_357_016_400_000_000), None, struct.pack("<q", 1_357_016_400_000_000)],
    ),
    "carrier": (pa.array(["UA", "Zürich", None]), [b"UA", "Zürich".encode(), None]),
}


def by_the_book(cells):
    """Digest of a column, as docs/snapshot-digest.md defines it."""
    lengths = b"".join(struct.pack("<i", -1 if cell is None else len(cell)) for cell in cells)
    values = b"".join(cell for cell in cells if cell is not None)
    both = hashlib.sha256(lengths).digest() + hashlib.sha256(values).digest()
    return hashlib.sha256(both).hexdigest()


def batch(rows=slice(None)):
    cells = {name: array for name, (array, _) in COLUMNS.items()}
    return pa.record_batch(cells).slice(*rows.indices(3)[:1], length=len(range(*rows.indices(3))))


def test_the_digest_of_a_column_is_the_documented_one():
    digest = RowDigest(COLUMNS)
    digest.update(batch())
    assert digest.rows == 3
    assert digest.hexdigests() == {name: by_the_book(cells) for name, (_, cells) in COLUMNS.items()}


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_how_rows_are_cut_into_batches_does_not_matter(cut):
    whole, parts = RowDigest(COLUMNS), RowDigest(COLUMNS)
    whole.update(batch())
    parts.update(batch(slice(0, cut)))
    parts.update(batch(slice(cut, 3)))
    assert parts.hexdigests() == whole.hexdigests()


def test_an_empty_text_and_a_missing_one_differ():
    assert by_the_book([b""]) != by_the_book([None])
    one, other = RowDigest(["x"]), RowDigest(["x"])
    one.update(pa.record_batch({"x": pa.array([""])}))
    other.update(pa.record_batch({"x": pa.array([None], pa.string())}))
    assert one.hexdigests() != other.hexdigests()


def test_a_reader_takes_the_same_digest_of_the_stored_files(tmp_path):
    files = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    pq.write_table(pa.Table.from_batches([batch(slice(0, 2))]), files[0])
    pq.write_table(pa.Table.from_batches([batch(slice(2, 3))]), files[1])
    whole = RowDigest(COLUMNS)
    whole.update(batch())
    assert digest_of_parts(files, COLUMNS).hexdigests() == whole.hexdigests()
