import numpy as np
import pytest

from perennial.artifacts.encoding import Operation
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.features import (
    Columns,
    Number,
    Table,
    TextCodes,
    as_numbers,
    calculated,
    missing_among,
)

HALF = [(Operation.FILL, 3.0), (Operation.DIVIDE, 2.0)]


def test_a_number_remembers_its_arithmetic():
    once = calculated(Number(1), HALF[:1], "A")
    assert calculated(once, HALF[1:], "B") == Number(1, tuple(HALF))


def test_a_table_calculates_at_once():
    table = calculated(Table(TextCodes(0), np.array([1.0, np.nan])), HALF, "A")
    assert table.outcomes.tolist() == [0.5, 1.5]


def test_only_nan_is_missing():
    assert missing_among(np.array(["a", np.nan, 1.0, None], object)).tolist() == [0, 1, 0, 0]


def test_numbers_among_objects_are_numbers():
    assert as_numbers(np.array([1, True, 2.5], object), "A").tolist() == [1.0, 1.0, 2.5]


def test_who_is_given_texts_is_named():
    with pytest.raises(NotCompilableError, match="Scaler is given texts"):
        as_numbers(np.array(["a", 1.0], object), "Scaler")


def test_columns_are_picked_by_position():
    columns = Columns((Number(0), Number(1), Number(2)), sparse=True)
    assert columns.picked([2, 0]) == Columns((Number(2), Number(0)), sparse=True)
