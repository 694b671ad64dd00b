"""Conversion of cells to the type of their column; unreadable cells become null.

The result for a cell never depends on other cells of its batch: each fast path for whole columns
accepts only values that the slow path for single values reads in the same way.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.api.column_type import ColumnType
from perennial.artifacts.rows import ARROW_TYPES
from perennial.jobs.snapshot.columns.text_values import (
    boolean_of_text,
    integer_of_text,
    number_of_text,
    timestamp_of_text,
)

_FIRST_SECOND: Final = -62_135_596_800  # of the year 1
_END_SECOND: Final = 253_402_300_800  # of the year 9999
_PER_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class Typed(NamedTuple):
    """Cells of one type, and a mask of those whose value was not of the type."""

    cells: pa.Array
    unreadable: pa.BooleanArray


def typed(cells: pa.Array, wanted: ColumnType, decimal: str = ".") -> Typed:
    """Convert cells to a type."""
    plain = plain_cells(cells)
    converted = _CONVERSIONS[wanted](plain, decimal)
    return Typed(converted, pc.and_(plain.is_valid(), converted.is_null()))


def plain_cells(cells: pa.Array) -> pa.Array:
    """Return cells in one of few Arrow types, with empty texts and NaN as null."""
    kind = cells.type
    if pa.types.is_dictionary(kind):
        return plain_cells(cells.dictionary_decode())
    if pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        numbers = cells.cast(pa.float64())
        return pc.if_else(pc.is_nan(numbers), None, numbers)
    if pa.types.is_date(kind):
        return cells.cast(pa.timestamp("ms"))
    if _is_text(kind):
        texts = cells.cast(pa.string())
        blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0)
        return pc.if_else(blank, None, texts)
    return cells


def is_readable(kind: pa.DataType) -> bool:
    """Return whether there is a column type for cells of this Arrow type."""
    if pa.types.is_dictionary(kind):
        return is_readable(kind.value_type)
    tests = (
        pa.types.is_null,
        pa.types.is_boolean,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_date,
        pa.types.is_timestamp,
        _is_text,
    )
    return any(test(kind) for test in tests)


def _is_text(kind: pa.DataType) -> bool:
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(text or pa.types.is_string_view(kind))


def _number(plain: pa.Array, decimal: str) -> pa.Array:
    if pa.types.is_string(plain.type):
        numbers = number_of_text(plain, decimal)
    elif pa.types.is_integer(plain.type) or pa.types.is_floating(plain.type):
        numbers = plain.cast(pa.float64(), safe=False)
    else:
        return _none(plain, ColumnType.NUMBER)
    # adding zero turns -0.0 into 0.0: equal numbers have equal bytes
    return pc.if_else(pc.is_finite(numbers), pc.add(numbers, 0.0), None)


def _integer(plain: pa.Array, _decimal: str) -> pa.Array:
    if pa.types.is_string(plain.type):
        return integer_of_text(plain)
    if pa.types.is_uint64(plain.type):
        small = pc.less_equal(plain, pa.scalar(2**63 - 1, pa.uint64()))
        return pc.if_else(small, plain, None).cast(pa.int64())
    if pa.types.is_integer(plain.type):
        return plain.cast(pa.int64())
    if pa.types.is_floating(plain.type):
        whole = pc.and_(pc.equal(pc.floor(plain), plain), pc.less(pc.abs(plain), 2.0**63))
        return pc.if_else(whole, plain, None).cast(pa.int64())
    return _none(plain, ColumnType.INTEGER)


def _boolean(plain: pa.Array, _decimal: str) -> pa.Array:
    if pa.types.is_boolean(plain.type):
        return plain
    if pa.types.is_string(plain.type):
        return boolean_of_text(plain)
    if pa.types.is_integer(plain.type) or pa.types.is_floating(plain.type):
        is_one = pc.equal(plain, 1)
        return pc.if_else(pc.or_(is_one, pc.equal(plain, 0)), is_one, None)
    return _none(plain, ColumnType.BOOLEAN)


def _timestamp(plain: pa.Array, _decimal: str) -> pa.Array:
    wanted = ARROW_TYPES[ColumnType.TIMESTAMP]
    if pa.types.is_string(plain.type):
        return timestamp_of_text(plain)
    if not pa.types.is_timestamp(plain.type):
        return _none(plain, ColumnType.TIMESTAMP)
    unit = _PER_SECOND[plain.type.unit]
    ticks = plain.cast(pa.int64()).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        possible = (ticks >= _FIRST_SECOND * unit) & (ticks < _END_SECOND * unit)
    # a time without a zone is in UTC
    return pc.if_else(pa.array(possible), plain, None).cast(wanted, safe=False)


def _category(plain: pa.Array, _decimal: str) -> pa.Array:
    if pa.types.is_null(plain.type):
        return _none(plain, ColumnType.CATEGORY)
    return plain.cast(pa.string())


def _none(plain: pa.Array, wanted: ColumnType) -> pa.Array:
    return pa.nulls(len(plain), ARROW_TYPES[wanted])


_CONVERSIONS: Final[Mapping[ColumnType, Callable[[pa.Array, str], pa.Array]]] = {
    ColumnType.NUMBER: _number,
    ColumnType.INTEGER: _integer,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.TIMESTAMP: _timestamp,
    ColumnType.CATEGORY: _category,
}
