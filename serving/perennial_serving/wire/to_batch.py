"""Builds one Batch from the rows of several requests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Final, NamedTuple

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.batch import Batch
from perennial_serving.model.columns import Columns
from perennial_serving.wire.cell_types import ParsedRows, extra_time_input

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_PER_SECOND: Final = 1e6


class TimedBatch(NamedTuple):
    """The rows of several requests, in order."""

    batch: Batch
    times: Sequence[float | None] | None
    """The time of each row in seconds since the epoch; None if no row has one."""


class BatchBuilder:
    """Builds batches for one model."""

    def __init__(self, schema: ModelSchema) -> None:
        columns = (*schema.numbers, *schema.texts, *extra_time_input(schema))
        self._columns = Columns(schema)
        self._numbers = len(schema.numbers)
        self._texts = slice(self._numbers, len(schema.inputs))
        self._timestamps = [
            at for at, column in enumerate(columns) if column.type is ColumnType.TIMESTAMP
        ]
        names = [column.name for column in columns]
        self._time_at = names.index(schema.time_column) if schema.time_column else -1

    def build(self, requests: Sequence[ParsedRows]) -> TimedBatch:
        """Concatenate the rows of all requests."""
        rows = chain.from_iterable([request.rows for request in requests])
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        with_times = [at for at in self._timestamps if any(columns[at])]
        for at in with_times:
            columns[at] = list(map(seconds, columns[at]))
        batch = self._columns.of_columns(columns[: self._numbers], columns[self._texts])
        return TimedBatch(batch, columns[self._time_at] if self._time_at in with_times else None)


def seconds(moment: datetime | None) -> float | None:
    """Return seconds since the epoch as training computes them: rounded to microseconds first."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return ((aware - _EPOCH) // _MICROSECOND) / _MICROSECONDS_PER_SECOND
