"""The fast path for common requests: one tensor per column, each as one flat JSON list.

The name of a tensor determines the type of its elements, so a whole body is decoded and checked in
one call. Any other body takes the general path, which also produces the error messages.
"""

from collections.abc import Sequence
from functools import partial, reduce
from itertools import repeat
from operator import attrgetter, or_
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.wire.cell_types import PathOf, extra_time_input
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
"""Datatype and element type of a plain tensor; its decoder can check all of its values."""


class _Parameters(msgspec.Struct):
    """Parameters of a tensor without binary data."""

    binary_data_size: None = None


class PlainRequest(NamedTuple):
    """A request and its rows: numbers, texts, and the time if it is not an input."""

    request: InferRequest
    rows: Rows
    path_of: PathOf


class PlainRequests:
    """Reads plain requests for one model."""

    def __init__(self, schema: ModelSchema, limit: int) -> None:
        columns = (*schema.numbers, *schema.texts, *extra_time_input(schema))
        self._kinds = [_tensor_type(at, column) for at, column in enumerate(columns)]
        tensor: Any = reduce(or_, self._kinds)
        self._decoder = msgspec.json.Decoder(
            msgspec.defstruct("Request", [("inputs", list[tensor])], bases=(InferRequest,))
        )
        self._names = dict(zip(self._kinds, (column.name for column in columns), strict=True))
        needed = zip(self._kinds, columns, strict=True)
        self._needed = frozenset(kind for kind, column in needed if not column.nullable)
        self._limit = limit

    def read(self, body: bytes) -> PlainRequest | None:
        """Return the request, or None if it needs the general path."""
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
            or len(cells) != len(tensors)  # a tensor is repeated
            or not self._needed.issubset(cells)
            or set(map(len, data)) != {rows}
            or shapes.count([rows]) + shapes.count([rows, 1]) != len(shapes)
        ):
            return None
        left_out = [None] * rows
        columns = map(cells.get, self._kinds, repeat(left_out))
        read: Rows = list(zip(*columns, strict=True))
        return PlainRequest(request, read, partial(self._path_of, tensors))

    def _path_of(self, tensors: Sequence[Any], row: int, column: str | None) -> str:
        for index, tensor in enumerate(tensors):
            if self._names[type(tensor)] == column:
                return f"$.inputs[{index}].data[{row}]"
        return "$.inputs"


def _tensor_type(at: int, column: Input) -> type:
    datatypes, element = _PLAIN[column.type]
    cells: Any = element | None if column.nullable else element
    fields: list[Any] = [
        ("shape", list[int]),
        ("datatype", datatypes),
        ("data", list[cells]),
        ("parameters", _Parameters | None, None),
    ]
    return msgspec.defstruct(f"Tensor{at}", fields, tag_field="name", tag=column.name, gc=False)
