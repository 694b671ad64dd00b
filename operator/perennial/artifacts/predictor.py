"""The one way from rows to answers, shared by evaluation, sample rows and serving."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import skops.io
from numpy.typing import NDArray
from pydantic.types import JsonValue
from sklearn.pipeline import Pipeline

from perennial.artifacts.frame import Row, frame_of_rows
from perennial.artifacts.schema import Label, ModelSchema, label_text
from perennial.artifacts.trusted_types import refuse_untrusted

MODEL_FILE = "model.skops"
TRUSTED_TYPES_FILE = "trusted-types.json"
SCHEMA_FILE = "schema.json"
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

    def spelled(self, schema: ModelSchema) -> Iterator[Answer]:
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


@dataclass(frozen=True, slots=True)
class Predictor:
    """A trained pipeline with what it takes and answers."""

    schema: ModelSchema
    pipeline: Pipeline

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the folder of an artifact, whose files were verified against its manifest."""
        trusted: list[str] = json.loads((folder / TRUSTED_TYPES_FILE).read_text())
        refuse_untrusted(trusted)
        return cls(
            schema=ModelSchema.model_validate_json((folder / SCHEMA_FILE).read_text()),
            pipeline=skops.io.load(folder / MODEL_FILE, trusted=trusted),
        )

    def answer(self, frame: pd.DataFrame) -> Answers:
        """Answer each row of a canonical frame."""
        features, estimator = self.pipeline[0].transform(frame), self.pipeline[-1]
        predictions = estimator.predict(features).ravel().tolist()
        if not hasattr(estimator, "predict_proba"):
            return Answers(predictions, None)
        return Answers(predictions, estimator.predict_proba(features))

    def answer_rows(self, rows: Sequence[Row]) -> Answers:
        """Answer rows as they stand on the wire."""
        return self.answer(frame_of_rows(self.schema.inputs, rows))

    def self_check(self, samples: Samples) -> None:
        """Raise unless the sample rows are answered as they were when the model was trained."""
        check_answers(self.answer_rows(samples.rows).spelled(self.schema), samples.answers)


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
