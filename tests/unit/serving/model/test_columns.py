import math

import numpy as np
import pytest

from perennial.api.column_type import ColumnType
from perennial.api.problem import Problem
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.model.batch import joined
from perennial_serving.model.columns import Columns


def an_input(name: str, kind: ColumnType, **facts) -> Input:
    return Input(name=name, type=kind, nullable=True, **facts)


SCHEMA = ModelSchema(
    problem=Problem.REGRESSION,
    target="delay",
    inputs=(
        an_input("carrier", ColumnType.CATEGORY, categories=("AA", "UA")),
        an_input("distance", ColumnType.NUMBER),
        an_input("dest", ColumnType.CATEGORY, categories=()),
        an_input("weekend", ColumnType.BOOLEAN),
    ),
)
COLUMNS = Columns(SCHEMA)
ROWS = [
    (1400, True, "UA", "IAH"),
    (None, False, "AA", None),
    (2.5, None, "B6", "IAH"),
    (math.nan, 1.0, None, ""),
]


def test_numbers_stand_before_texts_each_in_the_order_of_the_schema():
    batch = COLUMNS.of_rows(ROWS)
    expected = [[1400, 1], [np.nan, 0], [2.5, np.nan], [np.nan, 1]]
    np.testing.assert_array_equal(batch.numbers, expected)
    assert list(map(list, batch.texts)) == [["UA", "AA", "B6", None], ["IAH", None, "IAH", ""]]


def test_a_code_tells_the_category_or_that_it_is_unseen_or_missing():
    batch = COLUMNS.of_rows(ROWS)
    np.testing.assert_array_equal(batch.codes, [[1, 0], [0, 1], [2, 0], [3, 0]])


def test_whole_columns_make_the_same_batch():
    numbers = [[row[place] for row in ROWS] for place in (0, 1)]
    texts = [[row[place] for row in ROWS] for place in (2, 3)]
    of_rows, of_columns = COLUMNS.of_rows(ROWS), COLUMNS.of_columns(numbers, texts)
    np.testing.assert_array_equal(of_columns.numbers, of_rows.numbers)
    np.testing.assert_array_equal(of_columns.codes, of_rows.codes)
    assert list(map(tuple, of_columns.texts)) == of_rows.texts


@pytest.mark.parametrize("repeats", [1, 9])
@pytest.mark.parametrize("weekends", [(True, False, True, False), (True, None, 0, math.nan)])
def test_many_rows_make_the_same_batch_as_each_by_itself(repeats: int, weekends: tuple):
    rows = [(*row[:1], day, *row[2:]) for row, day in zip(ROWS, weekends, strict=True)] * repeats
    together, alone = COLUMNS.of_rows(rows), joined([COLUMNS.of_rows([row]) for row in rows])
    np.testing.assert_array_equal(together.numbers, alone.numbers)
    np.testing.assert_array_equal(together.codes, alone.codes)
    together.numbers[0, 0] = 7.0  # whoever is given a batch may write to it


def test_many_rows_of_texts_alone_make_a_batch():
    texts = SCHEMA.model_copy(update={"inputs": (SCHEMA.inputs[0],)})
    batch = Columns(texts).of_rows([("UA",)] * 40)
    assert (batch.numbers.shape, batch.codes.sum()) == ((40, 0), 40)


def test_columns_may_be_arrays():
    numbers = [np.array([1.0, np.nan]), np.array([0, 1])]
    batch = COLUMNS.of_columns(numbers, [["AA", None], ["x", "y"]])
    np.testing.assert_array_equal(batch.numbers, [[1, 0], [np.nan, 1]])


@pytest.mark.parametrize("kinds", [(ColumnType.NUMBER,), (ColumnType.CATEGORY,)])
def test_a_schema_may_lack_one_kind_of_column(kinds):
    inputs = tuple(an_input(str(kind), kind) for kind in kinds)
    columns = Columns(SCHEMA.model_copy(update={"inputs": inputs}))
    batch = columns.of_rows([(None,), (None,)])
    assert (batch.rows, batch.numbers.shape[1] + batch.codes.shape[1]) == (2, 1)


def test_parts_joined_are_the_whole():
    batch = COLUMNS.of_rows(ROWS)
    whole = joined([batch.part(0, 1), batch.part(1, 4)])
    np.testing.assert_array_equal(whole.numbers, batch.numbers)
    np.testing.assert_array_equal(whole.codes, batch.codes)
    assert list(map(tuple, whole.texts)) == batch.texts
