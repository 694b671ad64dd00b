"""Reads requests of the Open Inference Protocol, version 2: tensors in JSON, binary, or both."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.wire.cell_types import ParsedRows, check_count, extra_time_input
from perennial_serving.wire.errors import RequestError, decode
from perennial_serving.wire.infer_request import InferRequest
from perennial_serving.wire.plain_requests import PlainRequests
from perennial_serving.wire.tensor_columns import TensorColumns
from perennial_serving.wire.tensors import Column, Tensor

# everything up to a NaN outside of strings, or to the end; possessive, so it never backtracks
_UP_TO_NAN: Final = re.compile(rb'((?:[^"N]++|"(?:[^"\\]++|\\.)*+"?|N(?!aN))*+)(NaN)?', re.DOTALL)


class TensorRequest(InferRequest):
    """A request with any tensors of the protocol."""

    inputs: list[Tensor]


class RequestedOutput(NamedTuple):
    """An output that the response will contain."""

    name: str
    binary: bool


class Inference(ParsedRows, gc=False):
    """A request: its rows, the requested outputs, and the id to return."""

    outputs: Sequence[RequestedOutput]
    id: str | None


_REQUEST: Final = msgspec.json.Decoder(TensorRequest)


class TensorsReader:
    """Reads the body of a request: JSON, optionally followed by binary tensors."""

    def __init__(self, schema: ModelSchema, offered: Sequence[str], limit: int) -> None:
        times = extra_time_input(schema)
        self._tensors = TensorColumns(schema.inputs, times)
        self._names = [column.name for column in (*schema.numbers, *schema.texts, *times)]
        self._plain = PlainRequests(schema, limit)
        self._offered = {name: RequestedOutput(name, binary=False) for name in offered}
        self._all = tuple(self._offered.values())
        self._all_binary = tuple(RequestedOutput(name, binary=True) for name in offered)
        self._limit = limit

    def read(self, body: bytes, json_bytes: int | None = None) -> Inference:
        """Return the request; raise a RequestError with the path of the first mistake.

        `json_bytes` is the length of the JSON if binary tensors follow it.
        """
        if json_bytes is None and (plain := self._plain.read(body)) is not None:
            request, read, path_of = plain
            return Inference(read, path_of, self._outputs(request), request.id)
        if json_bytes is not None and json_bytes > len(body):
            raise RequestError(f"the JSON is to have {json_bytes} bytes, the body has {len(body)}")
        return self._read_any(body, len(body) if json_bytes is None else json_bytes)

    def _read_any(self, body: bytes, json_bytes: int) -> Inference:
        request = _decoded(body[:json_bytes])
        content = memoryview(body)[json_bytes:]
        tensors = request.inputs
        if not tensors:
            raise RequestError("there are no tensors", "$.inputs")
        shape = tensors[0].shape
        rows = shape[0] if shape else 0
        check_count(rows, self._limit, "$.inputs[0].shape")
        read = self._tensors.read(tensors, content, rows)
        columns = [_cells(read[name]) for name in self._names]
        path_of = partial(self._tensors.path_of, tensors)
        cells = list(zip(*columns, strict=True))
        return Inference(cells, path_of, self._outputs(request), request.id)

    def _outputs(self, request: InferRequest) -> Sequence[RequestedOutput]:
        binary = request.parameters is not None and request.parameters.binary_data_output
        if not request.outputs:
            return self._all_binary if binary else self._all
        requested = {}
        for index, output in enumerate(request.outputs):
            if output.name not in self._offered:
                error = f"the model answers {' and '.join(self._offered)}"
                raise RequestError(error, f"$.outputs[{index}].name")
            binary_data = None if output.parameters is None else output.parameters.binary_data
            requested[output.name] = RequestedOutput(
                output.name, binary if binary_data is None else binary_data
            )
        return tuple(requested.values())


def _cells(column: Column) -> list[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else column


def _decoded(text: bytes) -> TensorRequest:
    """Decode the JSON; numpy clients write missing numbers as NaN, which is not JSON."""
    try:
        return _REQUEST.decode(text)
    except msgspec.ValidationError:
        return decode(_REQUEST, text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return decode(_REQUEST, _UP_TO_NAN.sub(_null_for_nan, text) if b"NaN" in text else text)


def _null_for_nan(found: re.Match[bytes]) -> bytes:
    return found[1] + b"null" if found[2] else found[1]
