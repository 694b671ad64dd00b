"""The rows of a snapshot: those that pass every filter and lie within the window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from perennial.api.column_type import ColumnType
from perennial.api.dataset import DatasetSpec
from perennial.api.dataset import Window as DeclaredWindow
from perennial.api.reasons import JobReason
from perennial.api.times import to_timedelta
from perennial.jobs.progress import Progress
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.columns.conversion import typed
from perennial.jobs.snapshot.source.reader import Reader
from perennial.jobs.snapshot.typed_rows import TypedRows, typed_rows

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Filters:
    """Accepted values by column, as values of the column's type."""

    values: Mapping[str, pa.Array]

    @classmethod
    def of_contract(cls, contract: DatasetSpec, types: Mapping[str, ColumnType]) -> "Filters":
        """Convert the values of the filters to the types of their columns."""
        kept: dict[str, pa.Array] = {}
        for number, declared in enumerate(contract.filter):
            kind = types[declared.column]
            values = typed(pa.array(declared.values, pa.string()), kind)
            if values.cells.null_count:
                raise JobFailure(
                    JobReason.INVALID_SPEC,
                    f"spec.filter[{number}].values: not all are values of {declared.column}, whose "
                    f"type is {kind}; correct them",
                    in_spec=True,
                )
            kept[declared.column] = _both(kept.get(declared.column), values.cells)
        return cls(kept)

    def keep(self, rows: TypedRows) -> TypedRows:
        """Return the rows that pass every filter."""
        for column, values in self.values.items():
            rows = rows.where(pc.is_in(rows.cells.column(column), value_set=values))
        return rows


@dataclass(frozen=True, slots=True)
class Window:
    """One interval of time."""

    column: str
    start: datetime
    end: datetime
    """Exclusive."""

    @classmethod
    def until(cls, column: str, declared: DeclaredWindow, newest: datetime) -> "Window":
        """Return the window that ends at its `end`, or at the newest row minus the lag."""
        end = declared.end or newest + MICROSECOND - to_timedelta(declared.lag)
        longest = end - datetime.min.replace(tzinfo=UTC)
        return cls(column, end - min(to_timedelta(declared.duration), longest), end)

    def keep(self, rows: TypedRows) -> TypedRows:
        """Return the rows of the window, and those with unreadable times, which fail a check."""
        times = rows.cells.column(self.column)
        after = pc.greater_equal(times, pa.scalar(self.start, times.type))
        inside = pc.and_(after, pc.less(times, pa.scalar(self.end, times.type)))
        return rows.where(
            pc.or_(pc.fill_null(inside, fill_value=False), rows.unreadable(self.column).is_valid())
        )

    def __str__(self) -> str:
        """Return start and end for a message."""
        return f"from {self.start:%Y-%m-%dT%H:%M:%SZ} until {self.end:%Y-%m-%dT%H:%M:%SZ}"


class Selection:
    """The selected rows of all files."""

    def __init__(
        self, readers: Sequence[Reader], contract: DatasetSpec, types: Mapping[str, ColumnType]
    ) -> None:
        """Read the filters, and find the newest row if the window depends on it."""
        self.rows_read = 0
        self.rows_filtered = 0
        self.rows_without_time = 0
        """Rows that pass the filters but have no time, and so lie in no window."""
        self._readers = readers
        self._types = types
        self._filters = Filters.of_contract(contract, types)
        self.window = self._window(contract)

    def rows(self) -> Iterator[TypedRows]:
        """Read the selected rows."""
        progress = Progress("read")
        for rows in self._filtered(self._types, progress):
            self.rows_filtered += rows.cells.num_rows
            yield self._in_window(rows)
        progress.end()
        self.rows_read = progress.rows

    def _in_window(self, rows: TypedRows) -> TypedRows:
        if self.window is None:
            return rows
        unreadable = rows.unreadable(self.window.column)
        empty = rows.cells.column(self.window.column).null_count
        self.rows_without_time += empty - (len(unreadable) - unreadable.null_count)
        return self.window.keep(rows)

    def _filtered(self, types: Mapping[str, ColumnType], progress: Progress) -> Iterator[TypedRows]:
        for reader in self._readers:
            for rows in typed_rows(reader, types):
                progress.add(rows.cells.num_rows, reader.file.name)
                yield self._filters.keep(rows)

    def _window(self, contract: DatasetSpec) -> Window | None:
        column, declared = contract.time_column, contract.window
        if column is None or declared is None:
            return None
        # without any time the window holds no row, whatever its end
        newest = None if declared.end else self._newest(column)
        return Window.until(column, declared, newest or EPOCH)

    def _newest(self, column: str) -> datetime | None:
        names = {column, *self._filters.values}
        types = {name: kind for name, kind in self._types.items() if name in names}
        found = (
            pc.max(rows.cells.column(column).cast(pa.int64())).as_py()
            for rows in self._filtered(types, Progress("looked at the time of"))
        )
        newest = max((time for time in found if time is not None), default=None)
        return None if newest is None else moment(newest)


def moment(microseconds: float) -> datetime:
    """Return the time that is so many microseconds after 1970."""
    return EPOCH + int(microseconds) * MICROSECOND


def _both(first: pa.Array | None, second: pa.Array) -> pa.Array:
    """Return the values that both filters on one column accept."""
    if first is None:
        return second
    both: Sequence[object] = [value for value in first.to_pylist() if value in second.to_pylist()]
    return pa.array(both, second.type)
