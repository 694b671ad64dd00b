"""The JSON type of each column type, and the checks that all request formats share."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from itertools import chain
from typing import Any, Final

import msgspec

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.wire.errors import RequestError

CELL_TYPES: Final[dict[ColumnType, type]] = {
    ColumnType.NUMBER: float,
    ColumnType.INTEGER: float,  # a client whose column has gaps writes 5 as 5.0
    ColumnType.CATEGORY: str,
    ColumnType.BOOLEAN: bool,
    ColumnType.TIMESTAMP: datetime,
}
"""The type of a column's values in JSON."""

_MARKS_PER_CELL: Final = 4
"""Commas and braces per value of a row, with a margin for those inside texts."""

PathOf = Callable[[int, str | None], str]
"""Returns the path in the body of a row, or of its value of a column."""


class ParsedRows(msgspec.Struct, gc=False):
    """The rows of one request, and the path of each value in its body."""

    rows: Sequence[tuple[Any, ...]]
    """Numbers, texts, and the time if the time column is not an input."""
    path_of: PathOf


def extra_time_input(schema: ModelSchema) -> tuple[Input, ...]:
    """Return the time column as a further column to read, unless it is an input of the model."""
    name = schema.time_column
    if name is None or any(column.name == name for column in schema.inputs):
        return ()
    return (Input(name=name, type=ColumnType.TIMESTAMP, nullable=True),)


def is_fraction(cell: float | None) -> bool:
    """Whether a value has a fractional part; infinity has none."""
    return cell is not None and cell % 1 != 0


def has_fraction(columns: Sequence[Sequence[float | None]]) -> bool:
    """Whether any column holds a number with a fractional part."""
    return not all(map(float.is_integer, filter(None, chain.from_iterable(columns))))


def check_bulk(body: bytes, rows: int, columns: int) -> None:
    """Reject a body with far more values than `rows` rows have, before parsing takes memory."""
    values = body.count(b",") + body.count(b"{")
    if values > _MARKS_PER_CELL * rows * (columns + 1):
        raise RequestError(
            f"there are more values than {rows} rows have: send them in several requests",
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )


def check_count(rows: int, limit: int, path: str) -> None:
    """Reject a request without rows, or with more than the limit."""
    if rows == 0:
        raise RequestError("there are no rows", path)
    if rows > limit:
        raise RequestError(
            f"{rows} rows are too many: send at most {limit} in one request",
            path,
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
