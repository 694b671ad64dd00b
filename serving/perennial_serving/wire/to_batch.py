"""From what requests bring to what the model is asked: one Batch for all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Final, NamedTuple

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.batch import Batch
from perennial_serving.model.columns import Columns
from perennial_serving.wire.cell_types import Asked, own_time

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_PER_SECOND: Final = 1e6


class Taken(NamedTuple):
    """The rows of some requests, in their order."""

    batch: Batch
    times: Sequence[float | None] | None
    """When each row was, in seconds of 1970; None if no row tells."""


class Intake:
    """Makes batches for one model."""

    def __init__(self, schema: ModelSchema) -> None:
        """Find the columns that tell a time."""
        columns = (*schema.numbers, *schema.texts, *own_time(schema))
        self._columns = Columns(schema)
        self._numbers = len(schema.numbers)
        self._texts = slice(self._numbers, len(schema.inputs))
        self._moments = [at for at, one in enumerate(columns) if one.type is ColumnType.TIMESTAMP]
        names = [one.name for one in columns]
        self._time_at = names.index(schema.time_column) if schema.time_column else -1

    def take(self, asked: Sequence[Asked]) -> Taken:
        """Put the rows of all requests under each other."""
        rows = chain.from_iterable([one.rows for one in asked])
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        told = [place for place in self._moments if any(columns[place])]
        for place in told:
            columns[place] = list(map(seconds, columns[place]))
        batch = self._columns.of_columns(columns[: self._numbers], columns[self._texts])
        return Taken(batch, columns[self._time_at] if self._time_at in told else None)


def seconds(moment: datetime | None) -> float | None:
    """Return the seconds since 1970 as training computed them: whole microseconds first."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return ((aware - _EPOCH) // _MICROSECOND) / _MICROSECONDS_PER_SECOND
