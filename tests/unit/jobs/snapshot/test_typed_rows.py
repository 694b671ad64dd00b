import pyarrow as pa

from builders.snapshot import reader
from perennial.api.column_type import ColumnType
from perennial.jobs.snapshot.typed_rows import typed_rows

TYPES = {"a": ColumnType.NUMBER, "b": ColumnType.CATEGORY}


def test_rows_know_where_they_stood_and_what_could_not_be_read(tmp_path):
    source = reader(tmp_path / "x.csv", b"b,a\nUA,1\nAA,secret\n,\n")
    (rows,) = typed_rows(source, TYPES)
    assert rows.cells.to_pydict() == {"a": [1.0, None, None], "b": ["UA", "AA", None]}
    assert rows.unreadable("a").to_pylist() == [None, "secret", None]
    assert rows.unreadable("b").null_count == 3
    kept = rows.where(pa.array([False, True, True]))
    assert kept.numbers.tolist() == [2, 3]
    assert kept.unreadable("a").to_pylist() == ["secret", None]
    assert kept.cells.num_rows == 2


def test_a_column_that_some_lines_lack_is_missing_there(tmp_path):
    source = reader(tmp_path / "x.jsonl", b'{"a": 1}\n', "JSONLines")
    (rows,) = typed_rows(source, TYPES)
    assert rows.cells.to_pydict() == {"a": [1.0], "b": [None]}


def test_a_decimal_comma_is_read(tmp_path):
    source = reader(tmp_path / "x.csv", b"a;b\n1,5;x\n", delimiter=";", decimal=",")
    (rows,) = typed_rows(source, TYPES)
    assert rows.cells.column("a").to_pylist() == [1.5]
