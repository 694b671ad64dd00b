import mmap

import numpy as np

from perennial_serving.counters.recent_rows import RecentRows


def hashes(*values: int) -> np.ndarray:
    return np.array(values, np.uint64)


def test_rows_repeat_themselves_and_each_other():
    rows = RecentRows(mmap.mmap(-1, 4096))
    assert rows.repeats(hashes(5, 6, 5)) == 1
    rows.remember(hashes(5, 6, 5))
    assert rows.repeats(hashes(5, 7)) == 1


def test_rows_that_are_not_counted_yet_do_not_meet_themselves():
    rows = RecentRows(mmap.mmap(-1, 4096))
    assert rows.repeats(hashes(5)) == rows.repeats(hashes(5)) == 0


def test_a_newer_row_takes_the_place_of_an_older_one():
    rows = RecentRows(mmap.mmap(-1, 4096))
    rows.remember(hashes(5))
    rows.remember(hashes(5 + 512))
    assert rows.repeats(hashes(5)) == 0
