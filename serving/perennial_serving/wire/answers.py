"""Writes responses: one JSON object per row, or one tensor per output."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Label, ModelSchema, label_text
from perennial_serving.wire.binary import to_bytes
from perennial_serving.wire.inference import Inference, RequestedOutput

PREDICT: Final = "predict"
PREDICT_PROBA: Final = "predict_proba"
PREDICTION_ID: Final = "prediction_id"

Elements = dict[str, Sequence[Any]]

Ids = Sequence[str] | None
"""One prediction id per row; None for the self-check."""


class Prediction(msgspec.Struct, gc=False):
    """The prediction for one row; unset fields are omitted."""

    prediction: Label | float
    probabilities: msgspec.Struct | dict[str, float] | msgspec.UnsetType
    prediction_id: str | msgspec.UnsetType


class Predictions(msgspec.Struct):
    """The body of a response."""

    predictions: list[Prediction]
    model: str
    version: str


class PredictionsWriter:
    """Writes responses of `POST /predict`."""

    def __init__(self, schema: ModelSchema, model: str, version: str) -> None:
        self._named = _namer([label_text(label) for label in schema.classes or ()])
        self._model, self._version = model, version
        self._encode = msgspec.json.Encoder().encode

    def write(self, rows: Iterable[int], answers: Answers, ids: Ids) -> Iterator[bytes]:
        """Yield one body per request, given the rows of each and the answers to all of them."""
        predictions = self._predictions(answers, ids)
        for count in rows:
            part = list(islice(predictions, count))
            yield self._encode(Predictions(part, self._model, self._version))

    def _predictions(self, answers: Answers, ids: Ids) -> Iterator[Prediction]:
        unset, lines = repeat(msgspec.UNSET), answers.probabilities
        named = unset if lines is None else self._named(lines)
        return map(Prediction, answers.predictions, named, unset if ids is None else ids)


def _namer(classes: Sequence[str]) -> Callable[[NDArray[np.float64]], Iterator[Any]]:
    """Return a function from arrays to named probabilities.

    Structs encode faster than dicts, but not every class name can be a field name.
    """
    fields = {f"c{at}": name for at, name in enumerate(classes)}
    try:
        kind: type = msgspec.defstruct(
            "Probabilities", [(field, float) for field in fields], rename=fields, gc=False
        )
    except ValueError:
        return lambda lines: map(dict, map(zip, repeat(classes), lines.tolist()))
    return lambda lines: map(kind, *lines.T.tolist())


class TensorsWriter:
    """Writes responses of the Open Inference Protocol."""

    def __init__(self, schema: ModelSchema, model: str, version: str) -> None:
        self._described = output_tensors(schema)
        self._named = {"model_name": model, "model_version": version}
        self._encode = msgspec.json.Encoder().encode

    def write(
        self, requests: Iterable[Inference], answers: Answers, ids: Ids
    ) -> Iterator[tuple[bytes, int | None]]:
        """Yield each body, and the length of its JSON if binary tensors follow."""
        elements = _elements(answers, ids)
        start = 0
        for request in requests:
            stop = start + len(request.rows)
            yield self._body(request, {name: of[start:stop] for name, of in elements.items()})
            start = stop

    def _body(self, request: Inference, elements: Elements) -> tuple[bytes, int | None]:
        contents: list[bytes] = []
        outputs = [
            self._output(output, len(request.rows), elements[output.name], contents)
            for output in request.outputs
            if output.name in elements
        ]
        body: dict[str, Any] = {**self._named, "outputs": outputs}
        if request.id is not None:
            body["id"] = request.id
        text = self._encode(body)
        return (b"".join([text, *contents]), len(text)) if contents else (text, None)

    def _output(
        self, requested: RequestedOutput, rows: int, elements: Sequence[Any], contents: list[bytes]
    ) -> dict[str, Any]:
        """Return the tensor; the data of a binary one is appended to `contents`."""
        described = self._described[requested.name]
        output = {**described, "shape": [rows, *described["shape"][1:]]}
        if described["shape"][1:]:
            elements = list(chain.from_iterable(elements))
        if not requested.binary:
            return {**output, "data": elements}
        contents.append(to_bytes(described["datatype"], elements))
        parameters = {**described.get("parameters", {}), "binary_data_size": len(contents[-1])}
        return {**output, "parameters": parameters}


def _elements(answers: Answers, ids: Ids) -> Elements:
    """Return the elements of each output, one per row."""
    elements: Elements = {PREDICT: answers.predictions}
    if answers.probabilities is not None:
        elements[PREDICT_PROBA] = answers.probabilities.tolist()
    if ids is not None:
        elements[PREDICTION_ID] = ids
    return elements


def output_tensors(schema: ModelSchema) -> Mapping[str, dict[str, Any]]:
    """Return the metadata of all outputs by name; -1 stands for any number of rows."""
    classes = schema.classes or ()
    return {
        PREDICT: {"name": PREDICT, "datatype": _datatype(classes), "shape": [-1]},
        PREDICT_PROBA: {
            "name": PREDICT_PROBA,
            "datatype": "FP64",
            "shape": [-1, len(classes)],
            # parameter values are scalars: the order of the classes is sent as JSON in a string
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
