import numpy as np
import pytest

from perennial.artifacts.compiled import Taken
from perennial_serving.model.accepted_values import refuse_others
from perennial_serving.model.errors import RowRefusedError

ROWS = np.array([[1.0, 2.0], [np.nan, 0.0], [0.0, -np.inf]])


def refused(rows, taken):
    with pytest.raises(RowRefusedError) as caught:
        refuse_others(rows, taken)
    return caught.value.row, caught.value.message


def test_the_first_row_that_is_not_taken_is_named():
    assert refused(ROWS, Taken.FINITE) == (1, "a value is missing that the model needs")
    assert refused(ROWS, Taken.MISSING) == (2, "a value is too large for the model")


@pytest.mark.parametrize(
    ("rows", "taken"),
    [(ROWS, Taken.ANYTHING), (ROWS[:2], Taken.MISSING), (ROWS[:1], Taken.FINITE)],
)
def test_what_is_taken_passes(rows, taken):
    refuse_others(rows, taken)


def test_numbers_whose_sum_is_too_large_pass_one_by_one():
    refuse_others(np.full((1, 2), 1e308), Taken.FINITE)
