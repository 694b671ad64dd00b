"""The model that this process serves: verified on disk, loaded without pickle, asked by table."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Self

import numpy as np

from perennial.artifacts.answers import Answers
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.predictor import Predictor
from perennial.artifacts.schema import ModelSchema
from perennial_serving.integrity import verify
from perennial_serving.wire.columns import Table
from perennial_serving.wire.errors import Refusal


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One version of one model, and what it is called."""

    name: str
    version: str
    digest: str
    predictor: Predictor

    @classmethod
    def load(cls, name: str, version: str, digest: str, folder: Path) -> Self:
        """Verify every file against the digest, and only then read any of them."""
        verify(folder, digest)
        return cls(name, version, digest, Predictor.load(folder))

    @property
    def schema(self) -> ModelSchema:
        """What the model takes and answers."""
        return self.predictor.schema

    @property
    def gives_probabilities(self) -> bool:
        """Whether an answer says how likely each class is."""
        return hasattr(self.predictor.pipeline, "predict_proba")

    def answer(self, table: Table) -> Answers:
        """Answer every row, or refuse what the pipeline itself refuses."""
        try:
            answers = self.predictor.answer(canonical_frame(self.schema.inputs, table.columns))
        except ValueError as error:  # scikit-learn's word for input that it cannot take
            words = str(error).partition("\n")[0]
            raise _unanswerable(f"the model cannot answer these rows: {words}") from error
        if (row := _first_without_answer(answers)) is not None:
            raise _unanswerable(f"the model has no finite answer for row {row}")
        return answers


def _first_without_answer(answers: Answers) -> int | None:
    numbers = answers.predictions if answers.probabilities is None else answers.probabilities
    values = np.asarray(numbers)
    if values.dtype.kind != "f":
        return None
    finite = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    return None if finite.all() else int(np.argmin(finite))


def _unanswerable(error: str) -> Refusal:
    return Refusal(error, status=HTTPStatus.UNPROCESSABLE_ENTITY)
