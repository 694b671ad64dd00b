"""Answers as they go over the wire: one object for each row, or one tensor for each output."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Label, ModelSchema, label_text
from perennial_serving.wire.binary import to_bytes
from perennial_serving.wire.inference import Inference, Wanted

PREDICT: Final = "predict"
PREDICT_PROBA: Final = "predict_proba"
PREDICTION_ID: Final = "prediction_id"

Elements = dict[str, Sequence[Any]]

Ids = Sequence[str] | None
"""One prediction id for each row; none for the server's check of itself."""


class Prediction(msgspec.Struct, gc=False):
    """The answer to one row; what is unset is not written."""

    prediction: Label | float
    probabilities: msgspec.Struct | dict[str, float] | msgspec.UnsetType
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
        self._named = _namer([label_text(label) for label in schema.classes or ()])
        self._model, self._version = model, version
        self._encode = msgspec.json.Encoder().encode

    def write(self, rows: Iterable[int], answers: Answers, ids: Ids) -> Iterator[bytes]:
        """Yield the body for each request, from the answers to the rows of all."""
        told = self._told(answers, ids)
        for some in rows:
            yield self._encode(Predictions(list(islice(told, some)), self._model, self._version))

    def _told(self, answers: Answers, ids: Ids) -> Iterator[Prediction]:
        unset, lines = repeat(msgspec.UNSET), answers.probabilities
        named = unset if lines is None else self._named(lines)
        return map(Prediction, answers.predictions, named, unset if ids is None else ids)


def _namer(classes: Sequence[str]) -> Callable[[NDArray[np.float64]], Iterator[Any]]:
    """Return what names probabilities: fields are quicker than keys, but not every name is one."""
    fields = {f"c{at}": name for at, name in enumerate(classes)}
    try:
        kind: type = msgspec.defstruct(
            "Probabilities", [(field, float) for field in fields], rename=fields, gc=False
        )
    except ValueError:
        return lambda lines: map(dict, map(zip, repeat(classes), lines.tolist()))
    return lambda lines: map(kind, *lines.T.tolist())


class TensorsWriter:
    """Writes what the Open Inference Protocol answers."""

    def __init__(self, schema: ModelSchema, model: str, version: str) -> None:
        """Describe the outputs once."""
        self._described = output_tensors(schema)
        self._named = {"model_name": model, "model_version": version}
        self._encode = msgspec.json.Encoder().encode

    def write(
        self, asked: Iterable[Inference], answers: Answers, ids: Ids
    ) -> Iterator[tuple[bytes, int | None]]:
        """Yield each body, and how much of it is JSON if binary tensors follow."""
        elements = _elements(answers, ids)
        start = 0
        for one in asked:
            stop = start + len(one.rows)
            yield self._body(one, {name: of[start:stop] for name, of in elements.items()})
            start = stop

    def _body(self, asked: Inference, elements: Elements) -> tuple[bytes, int | None]:
        contents: list[bytes] = []
        outputs = [
            self._output(wanted, len(asked.rows), elements[wanted.name], contents)
            for wanted in asked.outputs
            if wanted.name in elements
        ]
        body: dict[str, Any] = {**self._named, "outputs": outputs}
        if asked.id is not None:
            body["id"] = asked.id
        text = self._encode(body)
        return (b"".join([text, *contents]), len(text)) if contents else (text, None)

    def _output(
        self, wanted: Wanted, rows: int, elements: Sequence[Any], contents: list[bytes]
    ) -> dict[str, Any]:
        """Return the tensor; the bytes of a binary one are put behind those before it."""
        described = self._described[wanted.name]
        output = {**described, "shape": [rows, *described["shape"][1:]]}
        if described["shape"][1:]:
            elements = list(chain.from_iterable(elements))
        if not wanted.binary:
            return {**output, "data": elements}
        contents.append(to_bytes(described["datatype"], elements))
        parameters = {**described.get("parameters", {}), "binary_data_size": len(contents[-1])}
        return {**output, "parameters": parameters}


def _elements(answers: Answers, ids: Ids) -> Elements:
    """Return what each output holds, an element for each row."""
    elements: Elements = {PREDICT: answers.predictions}
    if answers.probabilities is not None:
        elements[PREDICT_PROBA] = answers.probabilities.tolist()
    if ids is not None:
        elements[PREDICTION_ID] = ids
    return elements


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
