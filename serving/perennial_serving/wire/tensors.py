"""One tensor of the Open Inference Protocol, checked and taken apart into columns."""

import re
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Annotated, Any, Final

import msgspec

from perennial.api.dataset import ColumnType
from perennial.artifacts.schema import Input
from perennial_serving.wire.columns import Column, first, is_fraction
from perennial_serving.wire.errors import Refusal, decode

FLOATS: Final[dict[str, type]] = {"FP64": float, "FP32": float}
INTEGERS: Final[dict[str, type]] = {
    f"{kind}{bits}": int for kind in ("INT", "UINT") for bits in (64, 32, 16, 8)
}
DATATYPES: Final[dict[ColumnType, dict[str, type]]] = {
    ColumnType.NUMBER: {**FLOATS, **INTEGERS},
    ColumnType.INTEGER: {**INTEGERS, **FLOATS},
    ColumnType.CATEGORY: {"BYTES": str},
    ColumnType.BOOLEAN: {"BOOL": bool},
    ColumnType.TIMESTAMP: {"BYTES": datetime},
}
"""Which tensors can carry a column, the natural one first, and how JSON spells their elements."""

_BOUNDS: Final = {
    **{f"INT{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (64, 32, 16, 8)},
    **{f"UINT{bits}": (0, (1 << bits) - 1) for bits in (64, 32, 16, 8)},
}
_NESTED: Final = re.compile(rb"\s*\[\s*\[")


class Tensor(msgspec.Struct):
    """One tensor; its data waits undecoded until its datatype is known."""

    name: str
    shape: list[Annotated[int, msgspec.Meta(ge=0)]]
    datatype: str
    data: msgspec.Raw


def read_tensor(
    tensor: Tensor, targets: tuple[Input, ...], rows: int, at: str
) -> dict[str, Column]:
    """Return the columns that a tensor carries, or refuse it with the path of the mistake."""
    width = len(targets)
    _check_shape(tensor, width, rows, at)
    kind = _element(tensor.datatype, targets, at)
    nested = bool(_NESTED.match(bytes(tensor.data)))
    cells = decode(_decoder(kind, nested=nested), tensor.data, f"{at}.data")
    if nested:
        cells = _flat(cells, width, at)
    if len(cells) != rows * width:
        raise Refusal(f"{len(cells)} values do not fill the shape {tensor.shape}", f"{at}.data")
    columns = {}
    for offset, one in enumerate(targets):
        columns[one.name] = column = cells[offset::width]
        if (wrong := _wrong_cell(column, one, tensor.datatype)) is not None:
            row, error = wrong
            place = f"[{row}][{offset}]" if nested else f"[{row * width + offset}]"
            raise Refusal(error, f"{at}.data{place}")
    return columns


def _check_shape(tensor: Tensor, width: int, rows: int, at: str) -> None:
    fitting = [[rows, width]] if width > 1 else [[rows], [rows, 1]]
    if tensor.shape not in fitting:
        wanted = " or ".join(map(str, fitting))
        raise Refusal(f"Expected the shape {wanted}, got {tensor.shape}", f"{at}.shape")


def _element(datatype: str, targets: tuple[Input, ...], at: str) -> type:
    """Return how JSON spells the elements of a tensor that carries these columns."""
    kinds = set()
    for one in targets:
        carriers = DATATYPES[one.type]
        if datatype not in carriers:
            error = f"`{one.name}` is a {one.type}: send {' or '.join(carriers)}"
            raise Refusal(error, f"{at}.datatype")
        kinds.add(carriers[datatype])
    if len(kinds) > 1:
        raise Refusal("columns of unlike types: send each as a tensor of its own", f"{at}.datatype")
    return kinds.pop()


@cache
def _decoder(kind: Any, *, nested: bool) -> msgspec.json.Decoder[list[Any]]:  # noqa: ANN401
    """Elements stand in one flat list, or in a list for each row; null is a missing value."""
    return msgspec.json.Decoder(list[list[kind | None]] if nested else list[kind | None])


def _flat(lines: list[Column], width: int, at: str) -> Column:
    for row, line in enumerate(lines):
        if len(line) != width:
            raise Refusal(f"Expected {width} values, got {len(line)}", f"{at}.data[{row}]")
    return list(chain.from_iterable(lines))


def _wrong_cell(column: Column, one: Input, datatype: str) -> tuple[int, str] | None:
    """Return the row of the first value that the column cannot hold, and why."""
    if not one.nullable and (row := first(column, lambda cell: cell is None)) is not None:
        return row, f"`{one.name}` must not be null"
    if one.type is ColumnType.INTEGER and (row := first(column, is_fraction)) is not None:
        return row, "Expected `integer`, got `number`"
    if bounds := _BOUNDS.get(datatype):
        low, high = bounds
        if (
            row := first(column, lambda cell: isinstance(cell, int) and not low <= cell <= high)
        ) is not None:
            return row, f"Expected `integer` from {low} to {high}"
    return None
