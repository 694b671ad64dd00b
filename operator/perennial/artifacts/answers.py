"""What a model says of rows, and the sample rows whose answers a server must repeat."""

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
"""How far two runs of one pipeline may differ: absolutely below 1, relatively above."""

Answer = dict[str, JsonValue]


class WrongAnswerError(Exception):
    """The model does not answer its sample rows as it did when it was trained."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the model says of each row."""

    predictions: Sequence[Label | float]
    """The estimator's own decision for each row."""
    probabilities: NDArray[np.float64] | None
    """One line per row, one column per class of the schema; absent if the model gives none."""

    def matching(self, schema: ModelSchema) -> Iterator[Answer]:
        """Yield each answer as it goes over the wire."""
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
    """Held-out rows, and the answers that the pipeline gave when it was trained."""

    rows: tuple[Row, ...]
    answers: tuple[Answer, ...]

    def to_json(self) -> str:
        """Return the text of the file."""
        stored = {"rows": self.rows, "answers": self.answers}
        return json.dumps(stored, separators=(",", ":"), allow_nan=False)


def check_answers(given: Iterable[JsonValue], expected: Sequence[Answer]) -> None:
    """Raise unless these answers, from wherever they come, are the expected ones."""
    for row, (said, wanted) in enumerate(zip(given, expected, strict=True)):
        if not _agree(said, wanted):
            raise WrongAnswerError(f"sample row {row}: {said} instead of {wanted}")


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
