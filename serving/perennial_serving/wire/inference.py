"""Requests of the Open Inference Protocol, version 2: tensors in JSON, binary, or both."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.wire.cell_types import Asked, check_count, own_time
from perennial_serving.wire.errors import Refusal, decode
from perennial_serving.wire.infer_request import InferRequest
from perennial_serving.wire.plain_requests import PlainRequests
from perennial_serving.wire.tensor_columns import TensorColumns
from perennial_serving.wire.tensors import Column, Tensor

# all up to a NaN that stands in no string, or to the end; nothing here looks back
_UP_TO_NAN: Final = re.compile(rb'((?:[^"N]++|"(?:[^"\\]++|\\.)*+"?|N(?!aN))*+)(NaN)?', re.DOTALL)


class TensorRequest(InferRequest):
    """A request whose tensors may be anything that the protocol knows."""

    inputs: list[Tensor]


class Wanted(NamedTuple):
    """An output of the answer."""

    name: str
    binary: bool


class Inference(Asked, gc=False):
    """What is asked: the rows, the outputs wanted, and the id to give back."""

    outputs: Sequence[Wanted]
    id: str | None


_REQUEST: Final = msgspec.json.Decoder(TensorRequest)


class TensorsReader:
    """Reads the body of a request, JSON or JSON and binary tensors behind it."""

    def __init__(self, schema: ModelSchema, offered: Sequence[str], limit: int) -> None:
        """Prepare for the columns of a model, and for the outputs that it offers."""
        times = own_time(schema)
        self._tensors = TensorColumns(schema.inputs, times)
        self._names = [one.name for one in (*schema.numbers, *schema.texts, *times)]
        self._plain = PlainRequests(schema, limit)
        self._offered = {name: Wanted(name, binary=False) for name in offered}
        self._all = tuple(self._offered.values())
        self._all_binary = tuple(Wanted(name, binary=True) for name in offered)
        self._limit = limit

    def read(self, body: bytes, json_bytes: int | None = None) -> Inference:
        """Return what is asked, or refuse it; binary tensors follow so many bytes of JSON."""
        if json_bytes is None and (plain := self._plain.read(body)) is not None:
            request, read, place = plain
            return Inference(read, place, self._wanted(request), request.id)
        if json_bytes is not None and json_bytes > len(body):
            raise Refusal(f"the JSON is to have {json_bytes} bytes, the body has {len(body)}")
        return self._closer(body, len(body) if json_bytes is None else json_bytes)

    def _closer(self, body: bytes, json_bytes: int) -> Inference:
        request = _decoded(body[:json_bytes])
        content = memoryview(body)[json_bytes:]
        tensors = request.inputs
        if not tensors:
            raise Refusal("there are no tensors", "$.inputs")
        shape = tensors[0].shape
        rows = shape[0] if shape else 0
        check_count(rows, self._limit, "$.inputs[0].shape")
        read = self._tensors.read(tensors, content, rows)
        columns = [_cells(read[name]) for name in self._names]
        place = partial(self._tensors.place, tensors)
        cells = list(zip(*columns, strict=True))
        return Inference(cells, place, self._wanted(request), request.id)

    def _wanted(self, request: InferRequest) -> Sequence[Wanted]:
        binary = request.parameters is not None and request.parameters.binary_data_output
        if not request.outputs:
            return self._all_binary if binary else self._all
        wanted = {}
        for index, output in enumerate(request.outputs):
            if output.name not in self._offered:
                error = f"the model answers {' and '.join(self._offered)}"
                raise Refusal(error, f"$.outputs[{index}].name")
            said = None if output.parameters is None else output.parameters.binary_data
            wanted[output.name] = Wanted(output.name, binary if said is None else said)
        return tuple(wanted.values())


def _cells(column: Column) -> list[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else column


def _decoded(text: bytes) -> TensorRequest:
    """Decode the JSON; clients of numpy write a missing number as NaN, which JSON does not know."""
    try:
        return _REQUEST.decode(text)
    except msgspec.ValidationError:
        return decode(_REQUEST, text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return decode(_REQUEST, _UP_TO_NAN.sub(_null_for_nan, text) if b"NaN" in text else text)


def _null_for_nan(found: re.Match[bytes]) -> bytes:
    return found[1] + b"null" if found[2] else found[1]
