import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from perennial.artifacts.compiled import Taken
from perennial.jobs.compile.ensemble import ensemble_of
from perennial.jobs.compile.nodes import Tree
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.model.tree_session import TreeSession

THRESHOLD = np.float64(np.float32(0.1))


def session(*, single=False, taken=Taken.MISSING, split=THRESHOLD, members=None):
    """One tree: 1.0 up to the split, else 2.0."""
    tree = Tree(
        feature=np.zeros(3, np.intp),
        split=np.array([split, 0.0, 0.0]),
        true=np.array([1, -1, -1]),
        false=np.array([2, -1, -1]),
        missing_true=np.zeros(3, np.bool_),
        weight=np.array([0.0, 1.0, 2.0]),
        output=0,
        members={} if members is None else {0: np.array(members)},
    )
    whole = () if members is None else (0,)
    return TreeSession(ensemble_of([tree], 1, 1, taken, single=single, whole=whole), 1)


def both_ways(trees, *values):
    """The sums of all rows at once, which must be those of the rows one by one."""
    rows = np.array([values]).T
    sums = trees(rows)
    assert np.array_equal(sums, np.vstack([trees(row[np.newaxis]) for row in rows]))
    return sums.ravel().tolist()


def test_single_precision_rounds_before_it_compares():
    above = np.nextafter(THRESHOLD, 1.0)
    assert both_ways(session(single=True), above, 0.2) == [1.0, 2.0]
    assert both_ways(session(single=False), above, 0.2) == [2.0, 2.0]


@pytest.mark.parametrize("value", [1e39, -1e300, np.inf])
@np.errstate(over="ignore")  # as the predictor has it
def test_a_number_beyond_single_precision_is_refused(value):
    trees = session(single=True)
    for rows in ([[value]], [[0.0], [value]]):
        with pytest.raises(RowRefusedError) as caught:
            trees(np.array(rows))
        assert caught.value.row == len(rows) - 1
    assert both_ways(session(single=False, taken=Taken.ANYTHING), value, 0.0)[1] == 1.0


def test_a_fraction_is_no_category():
    assert both_ways(session(members=[3.0]), 3.0, 3.5, 2.0, np.nan) == [1.0, 2.0, 2.0, 2.0]


def test_rows_of_many_threads_do_not_mix():
    trees = session()
    rows = [np.array([[value]]) for value in np.random.default_rng(0).random(400) / 5]
    expected = [1.0 if row[0, 0] <= THRESHOLD else 2.0 for row in rows]
    with ThreadPoolExecutor(8) as threads:
        sums = list(threads.map(trees, rows))
    assert [one.item() for one in sums] == expected


def test_what_was_answered_stays_when_the_next_row_comes():
    trees = session()
    first = trees(np.array([[0.0]]))
    trees(np.array([[1.0]]))
    assert first.item() == 1.0


def test_the_runtime_writes_no_file_of_its_own(tmp_path):
    loaded = "import perennial_serving.model.tree_session, onnxruntime"
    environment = {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", loaded], env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []
