import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from builders.designs import FEATURES, inputs
from builders.training import table, task
from perennial.jobs.table.rows import read_rows


def written(rows: pa.Table, folder):
    path = folder / "train.parquet"
    pq.write_table(rows, path)
    return path


def test_rows_are_read_as_the_pipeline_takes_them(tmp_path):
    rows = read_rows(written(table(), tmp_path), inputs(), task())
    assert tuple(rows.frame.columns) == FEATURES
    assert rows.target.dtype == np.bool_
    assert rows.groups is None
    assert all(rows.frame[name].dtype == np.float64 for name in FEATURES[:4])


def test_rows_that_are_split_by_time_come_in_its_order(tmp_path):
    shuffled = table().take(np.random.default_rng(1).permutation(240))
    path = written(shuffled, tmp_path)
    in_order = read_rows(path, inputs("seen"), task(roles={"seen": "Feature"}))
    assert (np.diff(in_order.frame["seen"]) >= 0).all()
    as_stored = read_rows(path, inputs("seen"), task(time=False))
    assert not (np.diff(as_stored.frame["seen"]) >= 0).all()


def test_groups_are_numbered_and_a_missing_one_is_a_group_too(tmp_path):
    shops = pa.array(["a", None, "b", "a", None])
    rows = table(5).set_column(6, "shop", shops)
    found = read_rows(
        written(rows, tmp_path),
        inputs(),
        task(time=False, split={"method": "Group", "column": "shop"}),
    )
    numbers = found.groups.tolist()
    assert numbers[0] == numbers[3] != numbers[1] == numbers[4] != numbers[2]


def test_some_of_the_rows_can_be_taken(tmp_path):
    path = written(table(20), tmp_path)
    rows = read_rows(path, inputs(), task(split={"method": "Group", "column": "shop"}))
    some = rows.take(np.array([3, 1]))
    assert some.frame["visits"].tolist() == rows.frame["visits"].iloc[[3, 1]].tolist()
    assert some.target.tolist() == [rows.target[3], rows.target[1]]
    assert some.groups.tolist() == [rows.groups[3], rows.groups[1]]
