import numpy as np

from perennial.artifacts.encoding import Operation
from perennial.jobs.compile.context import Context
from perennial.jobs.compile.features import Columns, Number, NumberCodes, Table, TextCodes

SCALED = Number(0, ((Operation.DIVIDE, 0.5),))
FILLED = Number(0, ((Operation.FILL, 0.5),))


def context() -> Context:
    return Context(transform=lambda *_: Columns(()), words={})


def refused(feature, *, missing: bool) -> list[tuple[int, ...]]:
    run = context()
    run.require_finite(Columns((feature,)), "Scaler", missing=missing)
    return [codes.rejected for codes in run.rejected]


def test_a_number_as_it_came_is_finite():
    assert refused(Number(0), missing=True) == []


def test_a_calculated_number_may_overflow():
    assert refused(SCALED, missing=True) == [(0, 2)]


def test_a_missing_number_is_refused_where_none_is_taken():
    assert refused(Number(0), missing=False) == [(3,)]
    assert refused(FILLED, missing=False) == []


def test_of_a_table_only_what_is_not_finite_is_refused():
    table = Table(TextCodes(0), np.array([1.0, np.inf, np.nan]))
    assert refused(table, missing=True) == [(1,)]
    assert refused(table, missing=False) == [(1,), (2,)]


def test_words_are_known_of_texts_alone():
    run = context()
    run.know(TextCodes(1), ["b", "a"])
    run.know(TextCodes(1), ["c"])
    run.know(NumberCodes(Number(0), (), exact=True), ["d"])
    assert run.words == {1: {"a", "b", "c"}}
