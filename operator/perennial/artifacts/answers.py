"""Answers of a model to rows, and the sample rows whose answers a server must reproduce."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic.types import JsonValue

from perennial.artifacts.model_schema import Label, ModelSchema, Row, label_text

SAMPLES_FILE = "samples.json"

TOLERANCE = 1e-9
"""Tolerance between two runs of one pipeline: absolute below 1, relative above."""

Answer = dict[str, JsonValue]


class WrongAnswerError(Exception):
    """The answers to the sample rows differ from those of the training."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Predictions and probabilities of some rows."""

    predictions: Sequence[Label | float]
    """The result of the estimator's own `predict` for each row."""
    probabilities: NDArray[np.float64] | None
    """(rows, classes of the schema); None if the estimator gives none."""

    def matching(self, schema: ModelSchema) -> Iterator[Answer]:
        """Yield each answer in its JSON form."""
        if self.probabilities is None or schema.classes is None:
            for prediction in self.predictions:
                yield {"prediction": prediction}
            return
        keys = [label_text(label) for label in schema.classes]
        lines = self.probabilities.tolist()
        for prediction, line in zip(self.predictions, lines, strict=True):
            yield {"prediction": prediction, "probabilities": dict(zip(keys, line, strict=True))}


@dataclass(frozen=True, slots=True)
class Samples:
    """Held-out rows, and the answers of the pipeline after the training."""

    rows: tuple[Row, ...]
    answers: tuple[Answer, ...]

    def to_json(self) -> str:
        """Return the text of the file."""
        stored = {"rows": self.rows, "answers": self.answers}
        return json.dumps(stored, separators=(",", ":"), allow_nan=False)


def check_answers(given: Iterable[JsonValue], expected: Sequence[Answer]) -> None:
    """Raise unless the answers equal the expected ones within the tolerance."""
    for row, (answer, right) in enumerate(zip(given, expected, strict=True)):
        if not _agree(answer, right):
            raise WrongAnswerError(f"sample row {row}: {answer} instead of {right}")


def load_samples(folder: Path) -> Samples:
    """Read the sample rows of an artifact."""
    stored = json.loads((folder / SAMPLES_FILE).read_text())
    return Samples(tuple(stored["rows"]), tuple(stored["answers"]))


def _agree(given: JsonValue, expected: JsonValue) -> bool:
    match given, expected:
        case dict(), dict():
            return given.keys() == expected.keys() and all(
                _agree(given[key], expected[key]) for key in expected
            )
        case float(), int() | float():
            return math.isclose(given, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        case _:
            return type(given) is type(expected) and given == expected
