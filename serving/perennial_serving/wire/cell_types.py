"""How values stand on the wire, and what every way of sending rows has to check."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from itertools import chain
from typing import Any, Final

import msgspec

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.wire.errors import Refusal

CELL_TYPES: Final[dict[ColumnType, type]] = {
    ColumnType.NUMBER: float,
    ColumnType.INTEGER: float,  # a client whose column has gaps writes 5 as 5.0
    ColumnType.CATEGORY: str,
    ColumnType.BOOLEAN: bool,
    ColumnType.TIMESTAMP: datetime,
}
"""How JSON spells the values of a column."""

_MARKS_PER_CELL: Final = 4
"""Commas and braces for each value of a row, with many to spare for those in texts."""

Place = Callable[[int, str | None], str]
"""Tells where in the body a row stands, or its value of a column."""


class Asked(msgspec.Struct, gc=False):
    """The rows of one request, and where in its body each value came from."""

    rows: Sequence[tuple[Any, ...]]
    """Numbers, texts, and the row's own time where the time column is no input."""
    place: Place


def own_time(schema: ModelSchema) -> tuple[Input, ...]:
    """Return the time column as one more column to read, unless the model itself looks at it."""
    name = schema.time_column
    if name is None or any(one.name == name for one in schema.inputs):
        return ()
    return (Input(name=name, type=ColumnType.TIMESTAMP, nullable=True),)


def is_fraction(cell: float | None) -> bool:
    """Whether a value is a number but not a whole one; the infinite ones are none."""
    return cell is not None and cell % 1 != 0


def has_fraction(columns: Sequence[Sequence[float | None]]) -> bool:
    """Whether one of the columns holds a number that is not a whole one."""
    return not all(map(float.is_integer, filter(None, chain.from_iterable(columns))))


def check_bulk(body: bytes, rows: int, columns: int) -> None:
    """Refuse a body of far more values than so many rows have, before they take any memory."""
    values = body.count(b",") + body.count(b"{")
    if values > _MARKS_PER_CELL * rows * (columns + 1):
        raise Refusal(
            f"there are more values than {rows} rows have: send them in several requests",
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )


def check_count(rows: int, limit: int, path: str) -> None:
    """Refuse a request of no rows, or of more than one request may bring."""
    if rows == 0:
        raise Refusal("there are no rows", path)
    if rows > limit:
        raise Refusal(
            f"{rows} rows are too many: send at most {limit} in one request",
            path,
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
