"""The Open Inference Protocol, version 2, in JSON: named tensors in, named tensors out."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from perennial.artifacts.answers import Answers
from perennial.artifacts.schema import Input, Label, ModelSchema
from perennial_serving.wire.columns import Column, Table, check_count
from perennial_serving.wire.errors import Refusal, decode
from perennial_serving.wire.tensors import DATATYPES, Tensor, read_tensor

PREDICT: Final = "predict"
PREDICT_PROBA: Final = "predict_proba"


class Output(msgspec.Struct):
    """An output that the caller asks for by name."""

    name: str


class InferRequest(msgspec.Struct):
    """A request; parameters, and what newer clients add, are left alone."""

    inputs: list[Tensor]
    id: str | None = None
    outputs: list[Output] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Inference:
    """What is asked: the rows, the names of the outputs, and the id to give back."""

    table: Table
    outputs: tuple[str, ...]
    id: str | None


_REQUEST: Final = msgspec.json.Decoder(InferRequest)


class TensorsReader:
    """Reads columns as tensors of their own, or all of them as one two-dimensional tensor."""

    def __init__(self, schema: ModelSchema, offered: tuple[str, ...], limit: int) -> None:
        """Index the columns by name."""
        self._inputs = schema.inputs
        self._by_name = {one.name: one for one in schema.inputs}
        self._offered = offered
        self._limit = limit

    def read(self, body: bytes) -> Inference:
        """Return what is asked, or refuse it with the path of the mistake."""
        request = decode(_REQUEST, body)
        return Inference(self._table(request.inputs), self._wanted(request.outputs), request.id)

    def _wanted(self, outputs: list[Output]) -> tuple[str, ...]:
        for index, output in enumerate(outputs):
            if output.name not in self._offered:
                error = f"the model answers {' and '.join(self._offered)}"
                raise Refusal(error, f"$.outputs[{index}].name")
        return tuple(dict.fromkeys(output.name for output in outputs)) or self._offered

    def _table(self, tensors: list[Tensor]) -> Table:
        if not tensors:
            raise Refusal("there are no tensors", "$.inputs")
        rows = tensors[0].shape[0] if tensors[0].shape else 0
        check_count(rows, self._limit, "$.inputs[0].shape")
        read: dict[str, Column] = {}
        for index, tensor in enumerate(tensors):
            at = f"$.inputs[{index}]"
            if tensor.name in read:
                raise Refusal(f"`{tensor.name}` is given twice", f"{at}.name")
            read |= read_tensor(tensor, self._targets(tensor, len(tensors), at), rows, at)
        absent = (_absent(one, rows) for one in self._inputs if one.name not in read)
        return Table(read | dict(absent), rows)

    def _targets(self, tensor: Tensor, tensors: int, at: str) -> tuple[Input, ...]:
        """Return the columns that a tensor carries: a lone matrix carries all of them."""
        if one := self._by_name.get(tensor.name):
            return (one,)
        if tensors == 1 and len(tensor.shape) > 1:
            return self._inputs
        raise Refusal(f"the model takes no `{tensor.name}`", f"{at}.name")


def _absent(one: Input, rows: int) -> tuple[str, Column]:
    if not one.nullable:
        raise Refusal(f"the tensor `{one.name}` is missing", "$.inputs")
    return one.name, [None] * rows


def write_inference(
    answers: Answers, asked: Inference, schema: ModelSchema, model: str, version: str
) -> bytes:
    """Return the body that answers tensors: one for each output that was asked for."""
    body: dict[str, Any] = {"model_name": model, "model_version": version}
    if asked.id is not None:
        body["id"] = asked.id
    described = output_tensors(schema, asked.table.rows)
    data = {PREDICT: answers.predictions}
    if answers.probabilities is not None:
        data[PREDICT_PROBA] = answers.probabilities.ravel().tolist()
    body["outputs"] = [{**described[name], "data": data[name]} for name in asked.outputs]
    return msgspec.json.encode(body)


def input_tensors(schema: ModelSchema) -> list[dict[str, Any]]:
    """Describe the columns as tensors, each with the datatype that carries it best."""
    return [
        {
            "name": one.name,
            "datatype": next(iter(DATATYPES[one.type])),
            "shape": [-1],
            "parameters": {"type": one.type, "nullable": one.nullable},
        }
        for one in schema.inputs
    ]


def output_tensors(schema: ModelSchema, rows: int) -> dict[str, dict[str, Any]]:
    """Describe the tensors that answer so many rows; -1 stands for any number."""
    classes = schema.classes or ()
    return {
        PREDICT: {"name": PREDICT, "datatype": _datatype(classes), "shape": [rows]},
        PREDICT_PROBA: {
            "name": PREDICT_PROBA,
            "datatype": "FP64",
            "shape": [rows, len(classes)],
            # a parameter's value is a scalar: the order of the classes goes as JSON in a string
            "parameters": {"classes": msgspec.json.encode(classes).decode()},
        },
    }


def _datatype(classes: tuple[Label, ...]) -> str:
    match classes:
        case (bool(), *_):
            return "BOOL"
        case (int(), *_):
            return "INT64"
        case (str(), *_):
            return "BYTES"
        case _:
            return "FP64"
