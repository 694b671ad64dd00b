import math

import numpy as np
import pytest

from perennial.artifacts.encoding import (
    EncoderFormat,
    Lookup,
    NumberCodes,
    Numbers,
    RejectedCodes,
    Step,
)
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.model.columns import Columns
from perennial_serving.model.encoder import Encoder
from perennial_serving.model.errors import RowRefusedError

SCHEMA = ModelSchema(
    problem="Regression",
    target="price",
    inputs=(
        Input(name="city", type="Category", nullable=True, categories=("Aachen", "Bonn")),
        Input(name="amount", type="Number", nullable=True),
        Input(name="visits", type="Integer", nullable=True),
    ),
)
ONE_HOT = Lookup(codes=0, columns=(0, 1, 0, 2), values=(1, 1, 0, 1))
ROWS = [(1.0, 2.0, "Bonn"), (None, 7.0, None), (3.0, None, "Celle"), (math.inf, 9.0, "")]


def encoder(width=3, words=((),), numbers=(), codes=(), lookups=(), refusals=()) -> Encoder:
    stored = EncoderFormat(
        width=width,
        words=words,
        numbers=numbers,
        codes=codes,
        lookups=lookups,
        refusals=refusals,
    )
    return Encoder(stored, SCHEMA)


def dense(one: Encoder, rows=ROWS) -> list[list[float]]:
    made = one.dense(Columns(SCHEMA).of_rows(rows))
    alone = [one.dense(Columns(SCHEMA).of_rows([row]))[0] for row in rows]
    np.testing.assert_array_equal(np.array(alone), made)
    return made.tolist()


def test_numbers_take_their_steps_in_order():
    steps = (
        Step(operation="Fill", operands=(5.0, 0.0)),
        Step(operation="Subtract", operands=(1.0, 2.0)),
        Step(operation="Divide", operands=(2.0, 4.0)),
    )
    block = Numbers(inputs=(0, 1), steps=steps, first=1)
    assert dense(encoder(numbers=[block])) == [
        [0.0, 0.0, 0.0],
        [0.0, 2.0, 1.25],
        [0.0, 1.0, -0.5],
        [0.0, math.inf, 1.75],
    ]


def test_numbers_come_in_any_order():
    block = Numbers(inputs=(1, 0), steps=(), first=0)
    assert dense(encoder(numbers=[block]), ROWS[:1]) == [[2.0, 1.0, 0.0]]


def test_a_text_is_looked_up():
    assert dense(encoder(lookups=[ONE_HOT])) == [[0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_a_word_that_no_training_row_holds_has_its_own_code():
    lookup = Lookup(codes=0, columns=(0, 0, 0, 0, 0), values=(1, 2, 3, 4, 5))
    given = dense(encoder(width=1, words=(("Celle",),), lookups=[lookup]))
    assert given == [[2], [4], [5], [3]]


def test_a_number_falls_between_bounds():
    codes = NumberCodes(input=0, steps=(), bounds=(1.0, 3.0), exact=False)
    lookup = Lookup(codes=1, columns=(0, 0, 0, 0), values=(10, 20, 30, 40))
    rows = [(value, 0.0, None) for value in (0.9, 1.0, 2.9, 3.0, None, math.inf)]
    given = dense(encoder(width=1, codes=[codes], lookups=[lookup]), rows)
    assert given == [[10], [20], [20], [30], [40], [30]]


def test_a_number_equals_a_bound():
    steps = (Step(operation="Add", operands=(1.0,)),)
    codes = NumberCodes(input=0, steps=steps, bounds=(2.0, 4.0), exact=True)
    lookup = Lookup(codes=1, columns=(0, 0, 0, 0), values=(10, 20, 30, 40))
    rows = [(value, 0.0, None) for value in (1.0, 3.0, 0.0, 2.0, 9.0, None)]
    given = dense(encoder(width=1, codes=[codes], lookups=[lookup]), rows)
    assert given == [[10], [20], [30], [30], [30], [40]]


def test_asking_changes_no_batch():
    codes = NumberCodes(
        input=0, steps=(Step(operation="Add", operands=(1.0,)),), bounds=(), exact=True
    )
    lookup = Lookup(codes=1, columns=(0, 0), values=(1, 2))
    batch = Columns(SCHEMA).of_rows(ROWS)
    encoder(words=(("Celle",),), codes=[codes], lookups=[lookup]).dense(batch)
    again = Columns(SCHEMA).of_rows(ROWS)
    np.testing.assert_array_equal(batch.numbers, again.numbers)
    np.testing.assert_array_equal(batch.codes, again.codes)


def test_the_first_refused_row_is_named_whatever_refuses_it():
    codes = NumberCodes(input=1, steps=(), bounds=(), exact=True)
    refusals = [
        RejectedCodes(codes=0, refused=(2,), message="unknown"),
        RejectedCodes(codes=1, refused=(1,), message="missing"),
    ]
    strict = encoder(codes=[codes], refusals=refusals)
    for rows, expected in [
        (ROWS, (2, "city", "unknown")),
        ([ROWS[0], (1.0, None, "Bonn"), ROWS[3]], (1, "visits", "missing")),
    ]:
        with pytest.raises(RowRefusedError) as refused:
            strict.dense(Columns(SCHEMA).of_rows(rows))
        assert (refused.value.row, refused.value.column, refused.value.message) == expected


def test_no_rows_make_no_dense_rows():
    assert encoder(lookups=[ONE_HOT]).dense(Columns(SCHEMA).of_rows([])).shape == (0, 3)
