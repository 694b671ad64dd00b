"""Tensors as most clients send them: one flat JSON list of a type that JSON can check by itself.

Each is decoded and checked in one call; whatever needs a closer look goes the general way, which
also finds the words for what is wrong.
"""

from typing import Annotated, Any, Final

import msgspec

from perennial.api.dataset import ColumnType
from perennial.artifacts.schema import Input
from perennial_serving.wire.datatypes import BOUNDS, DATATYPES, FLOATS
from perennial_serving.wire.tensors import Cells, Tensor

Decoder = msgspec.json.Decoder[Cells]

_HIGHEST_TOLD: Final = (1 << 63) - 1
"""The largest bound that the decoder can check."""


def plain_decoders(one: Input) -> dict[str, Decoder]:
    """Return a decoder of a whole column for each datatype that it can check."""
    return {
        datatype: _decoder(_checked(datatype, kind), nullable=one.nullable)
        for datatype, kind in DATATYPES[one.type].items()
        if _tells(one.type, datatype)
    }


def plain_cells(decoder: Decoder, tensor: Tensor, rows: int) -> Cells | None:
    """Return the values of a column; None calls for a closer look."""
    try:
        cells = decoder.decode(tensor.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return cells if len(cells) == rows else None


def _tells(kind: ColumnType, datatype: str) -> bool:
    """Whether the decoder sees all that can be wrong: no times, no fractions, no huge bounds."""
    if kind is ColumnType.TIMESTAMP or BOUNDS.get(datatype, (0, 0))[1] > _HIGHEST_TOLD:
        return False
    return kind is not ColumnType.INTEGER or datatype not in FLOATS


def _checked(datatype: str, kind: type) -> Any:  # noqa: ANN401 - a type made at run time
    if datatype not in BOUNDS:
        return kind
    low, high = BOUNDS[datatype]
    return Annotated[int, msgspec.Meta(ge=low, le=high)]


def _decoder(kind: Any, *, nullable: bool) -> Decoder:  # noqa: ANN401 - a type made at run time
    return msgspec.json.Decoder(list[kind | None] if nullable else list[kind])
