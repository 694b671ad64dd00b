"""Builds a Batch from plain values."""

import struct
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.batch import Batch, Texts

_MANY_ROWS: Final = 32
"""From this size on, packing each column separately is faster."""

S = TypeVar("S", bound=np.generic)

Number = bool | float | None
"""A value of any type but Category; a Timestamp in seconds of 1970."""

Numbers = Sequence[Number] | NDArray[np.generic]


class Columns:
    """Builds batches for the columns of one schema."""

    def __init__(self, schema: ModelSchema) -> None:
        self._numbers = len(schema.numbers)
        categories = [column.categories or () for column in schema.texts]
        # bound once, because one row should take a few microseconds only
        self._code_of = [
            ({**_numbered(values), None: len(values) + 1}.get, repeat(len(values)))
            for values in categories
        ]

    def of_rows(self, rows: Sequence[tuple[Any, ...]]) -> Batch:
        """Return a batch of rows, each with its numbers first and then its texts."""
        columns = list(zip(*rows, strict=True)) or [()] * (self._numbers + len(self._code_of))
        return self.of_columns(columns[: self._numbers], columns[self._numbers :])

    def of_columns(self, numbers: Sequence[Numbers], texts: Sequence[Texts]) -> Batch:
        """Return a batch of columns, in the order of the schema."""
        rows = len(numbers[0] if numbers else texts[0])
        return Batch(_matrix(numbers, rows), self._codes(texts, rows), texts)

    def _codes(self, texts: Sequence[Texts], rows: int) -> NDArray[np.intp]:
        columns = [
            map(code, values, unseen)
            for values, (code, unseen) in zip(texts, self._code_of, strict=True)
        ]
        return _table(columns, rows, np.intp)


def _numbered(values: Sequence[str]) -> dict[str | None, int]:
    return {value: code for code, value in enumerate(values)}


def _matrix(columns: Sequence[Numbers], rows: int) -> NDArray[np.float64]:
    if columns and isinstance(columns[0], np.ndarray):
        return np.ascontiguousarray(np.array(columns, np.float64).T)
    if rows < _MANY_ROWS or not columns:
        return _table(columns, rows, np.float64)
    values = np.frombuffer(b"".join(map(_floats, columns))).reshape(len(columns), rows)
    return np.array(values.T, order="C")


def _floats(column: Numbers) -> bytes:
    """Return a column as float64; `struct` is twice as fast, but does not accept None."""
    try:
        return struct.pack(f"{len(column)}d", *column)
    except struct.error:
        return np.fromiter(column, np.float64, len(column)).tobytes()


def _table(columns: Sequence[Iterable[Any]], rows: int, kind: type[S]) -> NDArray[S]:
    """Return columns side by side, from a single pass over all values."""
    values = np.fromiter(chain.from_iterable(columns), kind, rows * len(columns))
    return np.ascontiguousarray(values.reshape(len(columns), rows).T)
