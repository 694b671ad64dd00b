"""Assembles symbolic columns into the encoder that a server evaluates."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.encoding import (
    EncoderFormat,
    Lookup,
    Numbers,
    Operation,
    RejectedCodes,
    Step,
)
from perennial.artifacts.encoding import NumberCodes as StoredCodes
from perennial.jobs.compile.context import Rejected
from perennial.jobs.compile.features import (
    Arithmetic,
    Codes,
    Columns,
    Number,
    NumberCodes,
    Table,
    TextCodes,
    as_numbers,
)


def assembled(
    columns: Columns, rejected: Sequence[Rejected], words: Sequence[Sequence[str]]
) -> EncoderFormat:
    """Return the encoder of these dense columns."""
    numbers = [
        (at, feature) for at, feature in enumerate(columns.features) if isinstance(feature, Number)
    ]
    tables = [
        (at, feature) for at, feature in enumerate(columns.features) if isinstance(feature, Table)
    ]
    places = _places(
        [*(feature.codes for _, feature in tables), *(codes.codes for codes in rejected)], words
    )
    return EncoderFormat(
        width=len(columns.features),
        words=tuple(map(tuple, words)),
        numbers=tuple(_numbers(numbers)),
        codes=tuple(_stored(codes) for codes in places if isinstance(codes, NumberCodes)),
        lookups=tuple(
            _lookup(places[codes], slot)
            for codes in places
            for slot in _slots([(at, feature) for at, feature in tables if feature.codes == codes])
        ),
        refusals=tuple(
            RejectedCodes(codes=places[codes.codes], refused=codes.rejected, message=codes.message)
            for codes in rejected
        ),
    )


def _places(used: Sequence[Codes], words: Sequence[object]) -> Mapping[Codes, int]:
    """Number the codes: all texts, then each number that is looked up."""
    texts: list[Codes] = [TextCodes(at) for at in range(len(words))]
    return {codes: place for place, codes in enumerate(dict.fromkeys([*texts, *used]))}


def _stored(codes: NumberCodes) -> StoredCodes:
    number = codes.number
    return StoredCodes(
        input=number.input, steps=_steps([number.steps]), bounds=codes.bounds, exact=codes.exact
    )


def _operations(number: Number) -> tuple[Operation, ...]:
    return tuple(operation for operation, _ in number.steps)


def _numbers(numbers: Sequence[tuple[int, Number]]) -> list[Numbers]:
    """Join adjacent columns with equal operations."""
    # adjacent columns have the same distance between place and column
    keys = [(at - place, _operations(number)) for place, (at, number) in enumerate(numbers)]
    runs = groupby(zip(keys, numbers, strict=True), lambda keyed: keyed[0])
    return [_block([number for _, number in run]) for _, run in runs]


def _block(run: Sequence[tuple[int, Number]]) -> Numbers:
    return Numbers(
        inputs=tuple(number.input for _, number in run),
        steps=_steps([number.steps for _, number in run]),
        first=run[0][0],
    )


def _steps(columns: Sequence[Sequence[Arithmetic]]) -> tuple[Step, ...]:
    return tuple(
        Step(operation=step[0][0], operands=tuple(operand for _, operand in step))
        for step in zip(*columns, strict=True)
    )


Slot = list[tuple[int, NDArray[np.float64]]]


def _slots(tables: Sequence[tuple[int, Table]]) -> list[Slot]:
    """Join columns of which each code sets at most one, such as those of a one-hot encoding."""
    slots: list[Slot] = []
    taken = np.zeros(0, np.bool_)
    for at, table in tables:
        values = as_numbers(table.outcomes, "the estimator")
        counts = (values != 0) | np.signbit(values)
        if not slots or (taken & counts).any():
            slots.append([])
            taken = np.zeros_like(counts)
        slots[-1].append((at, values))
        taken |= counts
    return slots


def _lookup(codes: int, slot: Slot) -> Lookup:
    columns = np.full(len(slot[0][1]), slot[0][0])
    values = np.zeros(len(columns))
    for at, given in slot:
        counts = (given != 0) | np.signbit(given)
        columns[counts] = at
        values[counts] = given[counts]
    return Lookup(codes=codes, columns=tuple(columns.tolist()), values=tuple(values.tolist()))
