import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perennial.artifacts.rows import RowDigest
from perennial.jobs.snapshot.order.parts import GROUP_ROWS, GROUPS_PER_PART, write_parts


def written(folder, *sizes):
    """Write one column of numbers that arrives in tables of these sizes."""
    first = 0
    tables = []
    for size in sizes:
        tables.append(pa.table({"x": pa.array(range(first, first + size), pa.int64())}))
        first += size
    digest = RowDigest(["x"])
    return write_parts(tables, folder, digest), digest


def test_rows_are_written_and_their_digest_is_taken(tmp_path):
    (file,), digest = written(tmp_path, 3)
    assert pq.read_table(tmp_path / file.name).to_pydict() == {"x": [0, 1, 2]}
    assert digest.rows == 3
    file.verify(tmp_path)


def test_a_part_is_named_by_its_place_and_its_content(tmp_path):
    (one,), _ = written(tmp_path / "one", 3)
    (other,), _ = written(tmp_path / "other", 4)
    assert one.name == f"part-00000-{one.sha256[:16]}.parquet"
    assert other.name != one.name


def test_files_are_cut_at_the_same_rows_however_the_rows_arrive(tmp_path):
    whole = GROUP_ROWS * GROUPS_PER_PART
    files, digest = written(tmp_path / "one", whole + 10)
    again, same = written(tmp_path / "other", 7, whole - 20, 0, 5, 18)
    assert [pq.read_metadata(tmp_path / "one" / file.name).num_rows for file in files] == [
        whole,
        10,
    ]
    assert again == files
    assert same.hexdigests() == digest.hexdigests()


@pytest.mark.parametrize("sizes", [(), (0,)])
def test_no_rows_make_no_file(tmp_path, sizes):
    assert written(tmp_path, *sizes)[0] == []
