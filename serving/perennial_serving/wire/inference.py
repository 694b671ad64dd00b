"""Requests of the Open Inference Protocol, version 2: tensors in JSON, binary, or both."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec

from perennial.artifacts.schema import ModelSchema
from perennial_serving.batch import Batch
from perennial_serving.columns import Columns
from perennial_serving.wire.cells import Asked, check_count, own_time
from perennial_serving.wire.errors import Refusal, decode
from perennial_serving.wire.tensor_columns import TensorColumns
from perennial_serving.wire.tensors import Column, Tensor

# the second branch is a NaN that stands in no string; nothing here looks back
_NOT_A_NUMBER: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|NaN', re.DOTALL)


_FEW_ROWS: Final = 8
"""Up to so many rows are put together faster row by row than column by column."""


class OutputParameters(msgspec.Struct):
    """How one output is wanted; all else is left alone."""

    binary_data: bool | None = None


class Output(msgspec.Struct):
    """An output that the caller asks for by name."""

    name: str
    parameters: OutputParameters | None = None


class RequestParameters(msgspec.Struct):
    """How the request is meant; all else is left alone."""

    binary_data_output: bool = False


class InferRequest(msgspec.Struct):
    """A request; what newer clients add is left alone."""

    inputs: list[Tensor]
    id: str | None = None
    outputs: list[Output] | None = None
    parameters: RequestParameters | None = None


class Wanted(NamedTuple):
    """An output of the answer."""

    name: str
    binary: bool


class Inference(Asked):
    """What is asked: the rows, the outputs wanted, and the id to give back."""

    __slots__ = ("id", "outputs")

    id: str | None
    outputs: Sequence[Wanted]


_REQUEST: Final = msgspec.json.Decoder(InferRequest)


class TensorsReader:
    """Reads the body of a request, JSON or JSON and binary tensors behind it."""

    def __init__(self, schema: ModelSchema, offered: Sequence[str], limit: int) -> None:
        """Prepare for the columns of a model, and for the outputs that it offers."""
        times = own_time(schema)
        self._tensors = TensorColumns(schema.inputs, times)
        self._numbers = [one.name for one in schema.numbers]
        self._texts = [one.name for one in schema.texts]
        self._time = times[0].name if times else None
        self._columns = Columns(schema)
        self._offered = {name: Wanted(name, binary=False) for name in offered}
        self._offered_binary = {name: Wanted(name, binary=True) for name in offered}
        self._limit = limit

    def read(self, body: bytes, json_bytes: int | None = None) -> Inference:
        """Return what is asked, or refuse it; binary tensors follow so many bytes of JSON."""
        if json_bytes is not None and json_bytes > len(body):
            raise Refusal(f"the JSON is to have {json_bytes} bytes, the body has {len(body)}")
        request = _decoded(body if json_bytes is None else body[:json_bytes])
        content = memoryview(body)[len(body) if json_bytes is None else json_bytes :]
        if not request.inputs:
            raise Refusal("there are no tensors", "$.inputs")
        return self._inference(request, content)

    def _inference(self, request: InferRequest, content: memoryview) -> Inference:
        tensors = request.inputs
        shape = tensors[0].shape
        rows = shape[0] if shape else 0
        check_count(rows, self._limit, "$.inputs[0].shape")
        columns = self._tensors.read(tensors, content, rows)
        times = None if self._time is None else list(columns[self._time])
        asked = Inference(self._batch(columns, rows), partial(self._tensors.place, tensors), times)
        asked.outputs = self._wanted(request)
        asked.id = request.id
        return asked

    def _batch(self, columns: Mapping[str, Column], rows: int) -> Batch:
        if rows <= _FEW_ROWS:
            cells = [columns[name] for name in (*self._numbers, *self._texts)]
            return self._columns.of_rows(list(zip(*cells, strict=True)))
        return self._columns.of_columns(
            [columns[name] for name in self._numbers],
            [list(columns[name]) for name in self._texts],
        )

    def _wanted(self, request: InferRequest) -> Sequence[Wanted]:
        binary = request.parameters is not None and request.parameters.binary_data_output
        offered = self._offered_binary if binary else self._offered
        if not request.outputs:
            return tuple(offered.values())
        wanted = {}
        for index, output in enumerate(request.outputs):
            if output.name not in offered:
                error = f"the model answers {' and '.join(offered)}"
                raise Refusal(error, f"$.outputs[{index}].name")
            said = None if output.parameters is None else output.parameters.binary_data
            wanted[output.name] = Wanted(output.name, binary if said is None else said)
        return tuple(wanted.values())


def _decoded(text: bytes) -> InferRequest:
    """Decode the JSON; clients of numpy write a missing number as NaN, which JSON does not know."""
    try:
        return _REQUEST.decode(text)
    except msgspec.ValidationError:
        return decode(_REQUEST, text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return decode(_REQUEST, _NOT_A_NUMBER.sub(_null_for_nan, text) if b"NaN" in text else text)


def _null_for_nan(found: re.Match[bytes]) -> bytes:
    return b"null" if found[0] == b"NaN" else found[0]
