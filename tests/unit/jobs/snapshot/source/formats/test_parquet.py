import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.snapshot import FLIGHTS, as_parquet
from perennial.jobs.snapshot.source.formats import parquet
from perennial.jobs.snapshot.source.formats.unreadable import UnreadableFileError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(as_parquet())
    return path


def test_a_file_tells_its_columns_and_rows(file):
    assert parquet.header(file).names == [*FLIGHTS]
    (batch,) = parquet.batches(file, ["flight"])
    assert batch.to_pydict() == {"flight": FLIGHTS["flight"]}


@pytest.mark.parametrize("kept", [0, 4, 100, -10])
def test_a_file_cut_off_is_told_with_its_remedy(file, kept):
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(UnreadableFileError, match="is cut off, or is not Parquet: upload it again"):
        parquet.header(file)


def test_damage_behind_an_intact_footer_is_told_when_the_rows_are_read(file):
    content = bytearray(file.read_bytes())
    content[4:200] = bytes(196)
    file.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="is damaged"):
        [*parquet.batches(file, parquet.header(file).names)]


def test_the_index_of_pandas_is_no_column(tmp_path):
    frame = pd.DataFrame({"x": [1, 2]}, index=[7, 9])
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "x.parquet")
    assert parquet.header(tmp_path / "x.parquet").names == ["x"]


def test_a_column_that_stands_there_twice_is_refused(tmp_path):
    pq.write_table(pa.table([[1], [2]], names=["x", "x"]), tmp_path / "x.parquet")
    with pytest.raises(UnreadableFileError, match="more than one column named 'x'"):
        parquet.header(tmp_path / "x.parquet")
