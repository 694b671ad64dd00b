"""Counts of one column, taken while its rows are read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from perennial.api.column_type import ColumnType
from perennial.api.dataset import Column, DatasetSpec
from perennial.jobs.snapshot.masking import shape
from perennial.jobs.snapshot.typed_rows import TypedRows

_ORDERED = (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.TIMESTAMP)


@dataclass(slots=True)
class Violations:
    """Number of values that violate a rule, and the place of the first one."""

    values: int = 0
    first: str = ""
    """Row and file of the first one, with the shape of a text."""

    def add(self, rows: TypedRows, wrong: pa.Array) -> None:
        """Count the wrong values, which are the non-null ones."""
        count = len(wrong) - wrong.null_count
        if count and not self.values:
            index = pc.index(wrong.is_valid(), value=True).as_py()
            value = wrong[index].as_py()
            text = f"{shape(value)!r} " if isinstance(value, str) else ""
            self.first = f"{text}in row {rows.numbers[index]} of {rows.file}"
        self.values += count


class ColumnTally:
    """Counts of one column; times are microseconds since 1970."""

    def __init__(self, name: str, kind: ColumnType, declared: Column | None) -> None:
        """Take the declaration of the column in the contract, if there is one."""
        self.name = name
        self.kind = kind
        self.declared = declared
        self.rows = self.missing = 0
        self.smallest: float | None = None
        self.largest: float | None = None
        self.unreadable, self.below, self.above, self.foreign = (Violations() for _ in range(4))
        self._limits = _limits(kind, declared)
        self._allowed = (
            pa.array(declared.allowed_values) if declared and declared.allowed_values else None
        )

    def update(self, rows: TypedRows) -> None:
        """Count further rows."""
        cells, unreadable = rows.cells.column(self.name), rows.unreadable(self.name)
        self.rows += len(cells)
        self.missing += cells.null_count - (len(unreadable) - unreadable.null_count)
        self.unreadable.add(rows, unreadable)
        if self.kind in _ORDERED:
            self._note_extremes(cells.cast(pa.int64()) if self._is_time else cells)
            self._note_limits(rows, cells)
        if self._allowed is not None:
            known = pc.is_in(cells, value_set=self._allowed)
            self.foreign.add(rows, pc.if_else(known, None, cells))

    def add_missing(self, rows: int) -> None:
        """Count rows that were dropped because they have no value in this column."""
        self.rows += rows
        self.missing += rows

    @property
    def _is_time(self) -> bool:
        return self.kind is ColumnType.TIMESTAMP

    def _note_extremes(self, numbers: pa.Array) -> None:
        found = pc.min_max(numbers).as_py()
        if found["min"] is None:
            return
        smallest, largest = self.smallest, self.largest
        self.smallest = found["min"] if smallest is None else min(smallest, found["min"])
        self.largest = found["max"] if largest is None else max(largest, found["max"])

    def _note_limits(self, rows: TypedRows, cells: pa.Array) -> None:
        minimum, maximum = self._limits
        if minimum is not None:
            self.below.add(rows, pc.if_else(pc.less(cells, minimum), cells, None))
        if maximum is not None:
            self.above.add(rows, pc.if_else(pc.greater(cells, maximum), cells, None))


def tallies_of(contract: DatasetSpec, types: Mapping[str, ColumnType]) -> dict[str, ColumnTally]:
    """Return a tally for each column of a snapshot."""
    declared = {column.name: column for column in contract.columns}
    return {name: ColumnTally(name, kind, declared.get(name)) for name, kind in types.items()}


def _limits(kind: ColumnType, declared: Column | None) -> tuple[float | None, float | None]:
    """Return the limits as numbers of the column's type; integers are compared exactly."""
    if declared is None:
        return None, None
    if kind is ColumnType.INTEGER:
        low = None if declared.minimum is None else math.ceil(Decimal(declared.minimum))
        high = None if declared.maximum is None else math.floor(Decimal(declared.maximum))
        return low, high
    low_number = None if declared.minimum is None else float(declared.minimum)
    return low_number, None if declared.maximum is None else float(declared.maximum)
