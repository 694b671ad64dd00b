import numpy as np

from perennial_serving.counters.row_hash import row_hashes
from perennial_serving.counters.rows import RowBlock


def hashes(numbers, codes) -> list[int]:
    matrix = np.array(numbers, np.float64)
    classes, scores = np.zeros(len(matrix), np.intp), np.zeros(len(matrix))
    block = RowBlock(matrix, np.array(codes), classes, scores, np.empty(0))
    return row_hashes(block).tolist()


def test_equal_rows_have_equal_hashes_however_zero_and_missing_are_spelled():
    other_nan = np.frombuffer(b"\x01\0\0\0\0\0\xf8\x7f", np.float64)[0]
    same = hashes([[0.0, np.nan], [-0.0, other_nan]], [[1], [1]])
    assert same[0] == same[1]


def test_rows_that_differ_in_anything_differ():
    rows = [[1.0, 2.0], [2.0, 1.0], [1.0, 2.5], [1.0, 2.0]]
    assert len(set(hashes(rows, [[1, 2], [1, 2], [1, 2], [2, 1]]))) == 4


def test_round_numbers_do_not_collide():
    grid = [[float(a), float(b)] for a in range(300) for b in range(300)]
    found = hashes(grid, np.zeros((len(grid), 0), np.int64))
    assert len(set(found)) == len(grid)
    assert len({one % 2**18 for one in found}) > 0.8 * 2**18 * (1 - np.exp(-len(grid) / 2**18))
