"""Answers as they go over the wire: one object for each row, or one tensor for each output."""

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import msgspec

from perennial.artifacts.answers import Answers
from perennial.artifacts.schema import Label, ModelSchema, label_text
from perennial_serving.wire.binary import to_bytes
from perennial_serving.wire.inference import Inference, Wanted

PREDICT: Final = "predict"
PREDICT_PROBA: Final = "predict_proba"
PREDICTION_ID: Final = "prediction_id"

Ids = Sequence[str] | None
"""One prediction id for each row; none for the server's check of itself."""


class Prediction(msgspec.Struct, gc=False):
    """The answer to one row; what is unset is not written."""

    prediction: Label | float
    probabilities: dict[str, float] | msgspec.UnsetType
    prediction_id: str | msgspec.UnsetType


class Predictions(msgspec.Struct):
    """What answers a request."""

    predictions: list[Prediction]
    model: str
    version: str


class PredictionsWriter:
    """Writes what `POST /predict` answers."""

    def __init__(self, schema: ModelSchema, model: str, version: str) -> None:
        """Spell the classes once."""
        self._keys = [label_text(label) for label in schema.classes or ()]
        self._model, self._version = model, version
        self._encode = msgspec.json.Encoder().encode

    def write(self, answers: Answers, ids: Ids) -> bytes:
        """Return the body: the answers in the order of the rows."""
        keys, unset = self._keys, repeat(msgspec.UNSET)
        lines = answers.probabilities
        named = unset if lines is None else list(map(dict, map(zip, repeat(keys), lines.tolist())))
        told = map(Prediction, answers.predictions, named, unset if ids is None else ids)
        return self._encode(Predictions(list(told), self._model, self._version))


class TensorsWriter:
    """Writes what the Open Inference Protocol answers."""

    def __init__(self, schema: ModelSchema, model: str, version: str) -> None:
        """Describe the outputs once."""
        self._described = output_tensors(schema)
        self._named = {"model_name": model, "model_version": version}
        self._encode = msgspec.json.Encoder().encode

    def write(self, answers: Answers, asked: Inference, ids: Ids) -> tuple[bytes, int | None]:
        """Return the body, and how much of it is JSON if binary tensors follow."""
        contents: list[bytes] = []
        outputs = [
            self._output(wanted, answers, ids, contents)
            for wanted in asked.outputs
            if wanted.name != PREDICTION_ID or ids is not None
        ]
        body: dict[str, Any] = {**self._named, "outputs": outputs}
        if asked.id is not None:
            body["id"] = asked.id
        text = self._encode(body)
        return (b"".join([text, *contents]), len(text)) if contents else (text, None)

    def _output(
        self, wanted: Wanted, answers: Answers, ids: Ids, contents: list[bytes]
    ) -> dict[str, Any]:
        """Return the tensor; the bytes of a binary one are put behind those before it."""
        described = self._described[wanted.name]
        width = described["shape"][1:]
        output = {**described, "shape": [len(answers.predictions), *width]}
        elements = _elements(wanted.name, answers, ids)
        if not wanted.binary:
            return {**output, "data": elements}
        contents.append(to_bytes(described["datatype"], elements))
        parameters = {**described.get("parameters", {}), "binary_data_size": len(contents[-1])}
        return {**output, "parameters": parameters}


def _elements(name: str, answers: Answers, ids: Ids) -> list[Any]:
    if name == PREDICTION_ID:
        return list(ids or ())
    if name == PREDICT_PROBA and answers.probabilities is not None:
        elements: list[float] = answers.probabilities.ravel().tolist()
        return elements
    return list(answers.predictions)


def output_tensors(schema: ModelSchema) -> Mapping[str, dict[str, Any]]:
    """Describe what a model of this schema may answer, by name; -1 stands for any number."""
    classes = schema.classes or ()
    return {
        PREDICT: {"name": PREDICT, "datatype": _datatype(classes), "shape": [-1]},
        PREDICT_PROBA: {
            "name": PREDICT_PROBA,
            "datatype": "FP64",
            "shape": [-1, len(classes)],
            # a parameter's value is a scalar: the order of the classes goes as JSON in a string
            "parameters": {"classes": msgspec.json.encode(classes).decode()},
        },
        PREDICTION_ID: {"name": PREDICTION_ID, "datatype": "BYTES", "shape": [-1]},
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
