"""One tensor of the Open Inference Protocol, checked and split into columns."""

import re
import reprlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Annotated, Any, Final

import msgspec
import numpy as np

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input
from perennial_serving.wire.binary import Numbers, read_numbers, read_texts
from perennial_serving.wire.cell_types import is_fraction
from perennial_serving.wire.datatypes import BOUNDS, DATATYPES
from perennial_serving.wire.errors import RequestError, decode, type_error

Cells = list[Any]
Column = Cells | Numbers
Size = Annotated[int, msgspec.Meta(ge=0)]

_NESTED: Final = re.compile(rb"\s*\[\s*\[")


class TensorParameters(msgspec.Struct):
    """The parameters of a tensor that are read; all others are ignored."""

    binary_data_size: Size | None = None


class Tensor(msgspec.Struct):
    """One tensor; its data is decoded once its datatype is known."""

    name: str
    shape: list[Size]
    datatype: str
    data: msgspec.Raw = msgspec.Raw()
    parameters: TensorParameters | None = None

    @property
    def binary_size(self) -> int | None:
        """Number of its bytes behind the JSON; None for a tensor whose data is JSON."""
        return None if self.parameters is None else self.parameters.binary_data_size


def read_tensor(
    tensor: Tensor, content: memoryview | None, targets: Sequence[Input], rows: int, index: int
) -> list[Column]:
    """Return the columns of a tensor; raise a RequestError with the path of the first mistake."""
    width, at = len(targets), f"$.inputs[{index}]"
    _check_shape(tensor.shape, width, rows, at)
    kind = _element(tensor.datatype, targets, at)
    data = f"{at}.data"
    cells = (
        _json_cells(tensor, kind, width, data)
        if content is None
        else _binary_cells(tensor, kind, content, rows * width, data)
    )
    if len(cells) != rows * width:
        raise RequestError(f"{len(cells)} values do not fill the shape {tensor.shape}", data)
    columns = []
    for offset, target in enumerate(targets):
        column = cells[offset::width]
        if (invalid := _invalid_cell(column, target, tensor.datatype)) is not None:
            row, error = invalid
            raise RequestError(error, path_in_tensor(tensor, index, row, offset, width))
        columns.append(column)
    return columns


def path_in_tensor(tensor: Tensor, index: int, row: int, offset: int, width: int) -> str:
    """Return the path of the element for a row and a column."""
    element = f"[{row}][{offset}]" if _is_nested(tensor) else f"[{row * width + offset}]"
    return f"$.inputs[{index}].data{element}"


def _is_nested(tensor: Tensor) -> bool:
    """Whether the data is one list per row rather than one flat list."""
    return len(tensor.shape) > 1 and _NESTED.match(memoryview(tensor.data)) is not None


def _check_shape(shape: list[int], width: int, rows: int, at: str) -> None:
    fitting = [[rows, width]] if width > 1 else [[rows], [rows, 1]]
    if shape not in fitting:
        wanted = " or ".join(map(str, fitting))
        raise RequestError(f"Expected the shape {wanted}, got {reprlib.repr(shape)}", f"{at}.shape")


def _element(datatype: str, targets: Sequence[Input], at: str) -> type:
    """Return the JSON type of the elements of a tensor with these columns."""
    kinds = set()
    for target in targets:
        carriers = DATATYPES[target.type]
        if datatype not in carriers:
            error = f"`{target.name}` is a {target.type}: send {' or '.join(carriers)}"
            raise RequestError(error, f"{at}.datatype")
        kinds.add(carriers[datatype])
    if len(kinds) > 1:
        raise RequestError(
            "columns of unlike types: send each as a tensor of its own", f"{at}.datatype"
        )
    return kinds.pop()


def _binary_cells(tensor: Tensor, kind: type, content: memoryview, count: int, at: str) -> Column:
    if bytes(tensor.data):
        raise RequestError("the tensor has both data and binary_data_size", at)
    if tensor.datatype != "BYTES":
        return read_numbers(tensor.datatype, content, count, at)
    texts = read_texts(content, count, at)
    if kind is not datetime:
        return list(texts)
    try:
        return msgspec.convert(texts, list[datetime])
    except msgspec.ValidationError as error:
        raise type_error(str(error), at) from error


def _json_cells(tensor: Tensor, kind: type, width: int, at: str) -> Cells:
    if not bytes(tensor.data):
        raise RequestError("this field is missing", at)
    nested = _is_nested(tensor)
    cells = decode(_decoder(kind, nested=nested), tensor.data, at)
    if not nested:
        return cells
    for row, line in enumerate(cells):
        if len(line) != width:
            raise RequestError(f"Expected {width} values, got {len(line)}", f"{at}[{row}]")
    return list(chain.from_iterable(cells))


@cache
def _decoder(kind: Any, *, nested: bool) -> msgspec.json.Decoder[Cells]:  # noqa: ANN401 - a type
    """Return a decoder of one flat list, or of one list per row; null is a missing value."""
    return msgspec.json.Decoder(list[list[kind | None]] if nested else list[kind | None])


def _invalid_cell(column: Column, target: Input, datatype: str) -> tuple[int, str] | None:
    """Return the row of the first value that is invalid for the column, and the error."""
    if isinstance(column, np.ndarray):
        return _invalid_number(column, target)
    if not target.nullable and None in column:
        return column.index(None), f"`{target.name}` must not be missing"
    if datatype in BOUNDS and (row := _beyond(column, *BOUNDS[datatype])) is not None:
        low, high = BOUNDS[datatype]
        return row, f"Expected `integer` from {low} to {high}"
    if target.type is ColumnType.INTEGER and (row := _first(column, is_fraction)) is not None:
        return row, "Expected `integer`, got `number`"
    return None


def _invalid_number(column: Numbers, target: Input) -> tuple[int, str] | None:
    """Check binary numbers: NaN is a missing value, infinity is rejected as in JSON."""
    if column.dtype.kind != "f":
        return None
    numbers = column.astype(np.float64)
    missing = np.isnan(numbers)
    if not target.nullable and missing.any():
        return int(np.argmax(missing)), f"`{target.name}` must not be missing"
    if (infinite := np.isinf(numbers)).any():
        return int(
            np.argmax(infinite)
        ), "infinite numbers are not taken: send NaN for a missing one"
    if target.type is ColumnType.INTEGER and (fractions := np.remainder(numbers, 1) > 0).any():
        return int(np.argmax(fractions)), "Expected `integer`, got `number`"
    return None


def _beyond(column: Cells, low: int, high: int) -> int | None:
    known = [cell for cell in column if cell is not None]
    if not known or (low <= min(known) and max(known) <= high):
        return None
    return _first(column, lambda cell: cell is not None and not low <= cell <= high)


def _first(column: Cells, is_invalid: Callable[[Any], bool]) -> int | None:
    """Return the index of the first invalid value."""
    return next((index for index, cell in enumerate(column) if is_invalid(cell)), None)
