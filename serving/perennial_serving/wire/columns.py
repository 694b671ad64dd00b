"""The table that every request becomes: columns of plain values, None where one is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from perennial.api.dataset import ColumnType
from perennial.artifacts.schema import Cell
from perennial_serving.wire.errors import Refusal

Column = list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one request by column, with every column of the schema."""

    columns: dict[str, Column]
    rows: int


CELL_TYPES: Final[dict[ColumnType, type]] = {
    ColumnType.NUMBER: float,
    ColumnType.INTEGER: float,  # a client whose column has gaps writes 5 as 5.0
    ColumnType.CATEGORY: str,
    ColumnType.BOOLEAN: bool,
    ColumnType.TIMESTAMP: datetime,
}
"""How JSON spells the values of a column."""


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


def is_fraction(cell: Cell) -> bool:
    """Whether a value is a number but not a whole one."""
    return isinstance(cell, float) and not cell.is_integer()


def first(column: Column, is_wrong: Callable[[Cell], bool]) -> int | None:
    """Return the index of the first value that is wrong."""
    return next((index for index, cell in enumerate(column) if is_wrong(cell)), None)
