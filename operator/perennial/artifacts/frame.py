"""The canonical frame, in which training, evaluation and serving pass rows to a pipeline.

| Type | dtype | a value | a missing value |
|---|---|---|---|
| Number, Integer | float64 | the number | NaN |
| Boolean | float64 | 1.0 or 0.0 | NaN |
| Timestamp | float64 | seconds since 1970 in UTC, whole microseconds | NaN |
| Category | object | str | NaN |

A frame never contains None, which scikit-learn treats as an unknown category, unlike NaN.
Text is object rather than pandas' own `str`, whose storage depends on whether pyarrow is installed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Cell, Input, Row

Cells = Sequence[Cell] | pd.Series
Values = NDArray[np.float64] | NDArray[np.object_]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_PER_SECOND: Final = 1e6


class UnreadableCellError(ValueError):
    """A value is not of its column's type; the message never contains the value."""

    def __init__(self, column: str, row: int, wanted: str) -> None:
        """Name the column, the row from 0 and the expected type."""
        super().__init__(f"column {column!r}, row {row}: not a {wanted}")
        self.column = column
        self.row = row
        self.wanted = wanted


def canonical_frame(
    inputs: Iterable[Input], columns: Mapping[str, Cells] | pd.DataFrame
) -> pd.DataFrame:
    """Return the frame of columns of JSON values, or of the frame of a snapshot."""
    return pd.DataFrame({column.name: _series(column, columns[column.name]) for column in inputs})


def frame_of_rows(inputs: Sequence[Input], rows: Sequence[Row]) -> pd.DataFrame:
    """Return the frame of rows of JSON values; a key that is not in a row is a missing value."""
    return canonical_frame(
        inputs, {column.name: [row.get(column.name) for row in rows] for column in inputs}
    )


def _series(column: Input, cells: Cells) -> pd.Series:
    values = _column(column, cells)
    # without a dtype pandas would convert texts to its own `str`
    return pd.Series(values, dtype=values.dtype)


def _column(column: Input, cells: Cells) -> Values:
    if isinstance(cells, pd.Series):
        return _from_series(column, cells)
    if column.type is ColumnType.CATEGORY:
        return _texts(column, cells)
    if column.type is ColumnType.TIMESTAMP:
        return _seconds(column, cells)
    return _numbers(column, cells)


def _from_series(column: Input, cells: pd.Series) -> Values:
    """Convert whole columns if pandas knows their type, else cell by cell."""
    kind = cells.dtype.kind
    if column.type is ColumnType.TIMESTAMP and kind == "M":
        return _seconds_of_series(cells)
    if column.type is ColumnType.CATEGORY and isinstance(cells.dtype, pd.StringDtype):
        return cells.to_numpy(dtype=object, na_value=np.nan)
    if column.type not in (ColumnType.CATEGORY, ColumnType.TIMESTAMP) and kind in "biuf":
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    return _column(column, cells.astype(object).where(cells.notna(), None).tolist())


def _numbers(column: Input, cells: Cells) -> Values:
    return np.array(
        [_number(column, row, cell) for row, cell in enumerate(cells)], dtype=np.float64
    )


def _number(column: Input, row: int, cell: Cell) -> float:
    if cell is None:
        return np.nan
    try:
        if isinstance(cell, int | float):
            return float(cell)
    except OverflowError as error:
        raise UnreadableCellError(column.name, row, column.type) from error
    raise UnreadableCellError(column.name, row, column.type)


def _texts(column: Input, cells: Cells) -> Values:
    texts = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):
        if cell is not None and not isinstance(cell, str):
            raise UnreadableCellError(column.name, row, column.type)
        texts[row] = np.nan if cell is None else cell
    return texts


def _seconds(column: Input, cells: Cells) -> Values:
    return np.array(
        [_second(column, row, cell) for row, cell in enumerate(cells)], dtype=np.float64
    )


def _second(column: Input, row: int, cell: Cell) -> float:
    if cell is None:
        return np.nan
    moment = _moment(cell)
    if moment is None:
        raise UnreadableCellError(column.name, row, column.type)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    # whole microseconds first, like the column of a snapshot: the float must be the same
    return ((moment - _EPOCH) // _MICROSECOND) / _MICROSECONDS_PER_SECOND


def _moment(cell: Cell) -> datetime | None:
    if not isinstance(cell, str):
        return cell if isinstance(cell, datetime) else None
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        return None


def _seconds_of_series(cells: pd.Series) -> NDArray[np.float64]:
    naive = cells.dt.tz_convert("UTC").dt.tz_localize(None) if cells.dt.tz is not None else cells
    microseconds = naive.to_numpy(dtype="datetime64[us]")
    seconds = microseconds.astype(np.int64) / _MICROSECONDS_PER_SECOND
    seconds[np.isnat(microseconds)] = np.nan
    return seconds
