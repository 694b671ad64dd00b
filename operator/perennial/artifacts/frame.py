"""The one frame that training, evaluation and serving all give to a pipeline.

| Type | dtype | a value | a missing value |
|---|---|---|---|
| Number, Integer | float64 | the number | NaN |
| Boolean | float64 | 1.0 or 0.0 | NaN |
| Timestamp | float64 | seconds since 1970 in UTC, whole microseconds | NaN |
| Category | object | str | NaN |

None never stands in a frame: scikit-learn takes it for an unknown category, NaN for a missing one.
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
Column = NDArray[np.float64] | NDArray[np.object_]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_PER_SECOND: Final = 1e6


class UnreadableCellError(ValueError):
    """A value that is not of its column's type; the message never shows the value itself."""

    def __init__(self, column: str, row: int, wanted: str) -> None:
        """Say where it stands, counted from 0, and what was wanted."""
        super().__init__(f"column {column!r}, row {row}: not a {wanted}")
        self.column = column
        self.row = row
        self.wanted = wanted


def canonical_frame(
    inputs: Iterable[Input], columns: Mapping[str, Cells] | pd.DataFrame
) -> pd.DataFrame:
    """Return the frame of columns of JSON values, or of a snapshot's own frame."""
    return pd.DataFrame({one.name: _series(one, columns[one.name]) for one in inputs})


def frame_of_rows(inputs: Sequence[Input], rows: Sequence[Row]) -> pd.DataFrame:
    """Return the frame of rows on the wire; a name that a row lacks is a missing value."""
    return canonical_frame(
        inputs, {one.name: [row.get(one.name) for row in rows] for one in inputs}
    )


def _series(one: Input, cells: Cells) -> pd.Series:
    column = _column(one, cells)
    # pandas would make its own `str` of texts unless told otherwise
    return pd.Series(column, dtype=column.dtype)


def _column(one: Input, cells: Cells) -> Column:
    if isinstance(cells, pd.Series):
        return _from_series(one, cells)
    if one.type is ColumnType.CATEGORY:
        return _texts(one, cells)
    if one.type is ColumnType.TIMESTAMP:
        return _seconds(one, cells)
    return _numbers(one, cells)


def _from_series(one: Input, cells: pd.Series) -> Column:
    """Read whole columns at once where pandas knows their type, else cell by cell."""
    kind = cells.dtype.kind
    if one.type is ColumnType.TIMESTAMP and kind == "M":
        return _seconds_of_series(cells)
    if one.type is ColumnType.CATEGORY and isinstance(cells.dtype, pd.StringDtype):
        return cells.to_numpy(dtype=object, na_value=np.nan)
    if one.type not in (ColumnType.CATEGORY, ColumnType.TIMESTAMP) and kind in "biuf":
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    return _column(one, cells.astype(object).where(cells.notna(), None).tolist())


def _numbers(one: Input, cells: Cells) -> Column:
    return np.array([_number(one, row, cell) for row, cell in enumerate(cells)], dtype=np.float64)


def _number(one: Input, row: int, cell: Cell) -> float:
    if cell is None:
        return np.nan
    try:
        if isinstance(cell, int | float):
            return float(cell)
    except OverflowError as error:
        raise UnreadableCellError(one.name, row, one.type) from error
    raise UnreadableCellError(one.name, row, one.type)


def _texts(one: Input, cells: Cells) -> Column:
    texts = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):
        if cell is not None and not isinstance(cell, str):
            raise UnreadableCellError(one.name, row, one.type)
        texts[row] = np.nan if cell is None else cell
    return texts


def _seconds(one: Input, cells: Cells) -> Column:
    return np.array([_second(one, row, cell) for row, cell in enumerate(cells)], dtype=np.float64)


def _second(one: Input, row: int, cell: Cell) -> float:
    if cell is None:
        return np.nan
    moment = _moment(cell)
    if moment is None:
        raise UnreadableCellError(one.name, row, one.type)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    # whole microseconds first: a snapshot's column takes the same way to the same float
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
