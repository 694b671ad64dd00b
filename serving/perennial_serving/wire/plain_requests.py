"""Requests as most clients send them: each column in a tensor of its own, as one flat JSON list.

The name of a tensor tells what it has to hold, so that a whole body is decoded and checked in one
call. Whatever needs a closer look goes the general way, which also finds the words for mistakes.
"""

from collections.abc import Sequence
from functools import partial, reduce
from itertools import repeat
from operator import attrgetter, or_
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.wire.cell_types import Place, own_time
from perennial_serving.wire.datatypes import BOUNDS, DATATYPES
from perennial_serving.wire.infer_request import InferRequest

_LOWEST, _HIGHEST = BOUNDS["INT64"]
Cells = list[Any]
Rows = list[tuple[Any, ...]]

_DATA, _SHAPE = attrgetter("data"), attrgetter("shape")

_PLAIN: Final[dict[ColumnType, tuple[Any, Any]]] = {
    ColumnType.NUMBER: (Literal["FP64", "FP32"], float),
    ColumnType.INTEGER: (Literal["INT64"], Annotated[int, msgspec.Meta(ge=_LOWEST, le=_HIGHEST)]),
    **{
        kind: (Literal[datatype], element)
        for kind in (ColumnType.CATEGORY, ColumnType.BOOLEAN, ColumnType.TIMESTAMP)
        for datatype, element in DATATYPES[kind].items()
    },
}
"""The datatypes of a plain tensor, all of whose values its decoder can check."""


class _Parameters(msgspec.Struct):
    """What is said of a tensor that is whole in the JSON."""

    binary_data_size: None = None


class PlainRequest(NamedTuple):
    """A request, and its rows: numbers, texts, and the row's own time."""

    request: InferRequest
    rows: Rows
    place: Place


class PlainRequests:
    """Reads plain requests for one model."""

    def __init__(self, schema: ModelSchema, limit: int) -> None:
        """Make a type of each column."""
        columns = (*schema.numbers, *schema.texts, *own_time(schema))
        self._kinds = [_tensor_type(place, one) for place, one in enumerate(columns)]
        tensor: Any = reduce(or_, self._kinds)
        self._decoder = msgspec.json.Decoder(
            msgspec.defstruct("Request", [("inputs", list[tensor])], bases=(InferRequest,))
        )
        self._names = dict(zip(self._kinds, (one.name for one in columns), strict=True))
        needed = zip(self._kinds, columns, strict=True)
        self._needed = frozenset(kind for kind, one in needed if not one.nullable)
        self._limit = limit

    def read(self, body: bytes) -> PlainRequest | None:
        """Return the request, or None if it takes a closer look."""
        try:
            request: Any = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        tensors = request.inputs
        data, shapes = list(map(_DATA, tensors)), list(map(_SHAPE, tensors))
        cells: dict[type, Cells] = dict(zip(map(type, tensors), data, strict=True))
        rows = len(data[0]) if data else 0
        if (
            not 0 < rows <= self._limit
            or len(cells) != len(tensors)  # one is given twice
            or not self._needed.issubset(cells)
            or set(map(len, data)) != {rows}
            or shapes.count([rows]) + shapes.count([rows, 1]) != len(shapes)
        ):
            return None
        left_out = [None] * rows
        columns = map(cells.get, self._kinds, repeat(left_out))
        read: Rows = list(zip(*columns, strict=True))
        return PlainRequest(request, read, partial(self._place, tensors))

    def _place(self, tensors: Sequence[Any], row: int, column: str | None) -> str:
        for index, tensor in enumerate(tensors):
            if self._names[type(tensor)] == column:
                return f"$.inputs[{index}].data[{row}]"
        return "$.inputs"


def _tensor_type(place: int, one: Input) -> type:
    datatypes, element = _PLAIN[one.type]
    cells: Any = element | None if one.nullable else element
    fields: list[Any] = [
        ("shape", list[int]),
        ("datatype", datatypes),
        ("data", list[cells]),
        ("parameters", _Parameters | None, None),
    ]
    return msgspec.defstruct(f"Tensor{place}", fields, tag_field="name", tag=one.name, gc=False)
