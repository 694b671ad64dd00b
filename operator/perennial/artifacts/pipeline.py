"""From rows to answers with scikit-learn, shared by evaluation, sample rows and serving."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import skops.io
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.pipeline import Pipeline

from perennial.artifacts.answers import Answers, Samples, check_answers
from perennial.artifacts.frame import frame_of_rows
from perennial.artifacts.model_schema import SCHEMA_FILE, ModelSchema, Row
from perennial.artifacts.trusted_types import check_trusted

MODEL_FILE = "model.skops"
TRUSTED_TYPES_FILE = "trusted-types.json"


@dataclass(frozen=True, slots=True)
class TrainedPipeline:
    """A fitted pipeline with its schema."""

    schema: ModelSchema
    pipeline: Pipeline

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the folder of a verified artifact."""
        trusted: list[str] = json.loads((folder / TRUSTED_TYPES_FILE).read_text())
        check_trusted(trusted)
        return cls(
            schema=ModelSchema.model_validate_json((folder / SCHEMA_FILE).read_text()),
            pipeline=skops.io.load(folder / MODEL_FILE, trusted=trusted),
        )

    def answer(self, frame: pd.DataFrame) -> Answers:
        """Return the answers to the rows of a canonical frame."""
        return answers_of(self.pipeline[-1], self.pipeline[0].transform(frame))

    def answer_rows(self, rows: Sequence[Row]) -> Answers:
        """Return the answers to rows of JSON values."""
        return self.answer(frame_of_rows(self.schema.inputs, rows))

    def self_check(self, samples: Samples) -> None:
        """Raise unless the answers to the sample rows are those of the training."""
        check_answers(self.answer_rows(samples.rows).matching(self.schema), samples.answers)


def answers_of(estimator: Any, features: NDArray[np.float64]) -> Answers:  # noqa: ANN401 - scikit-learn has no types
    """Return the answers of a fitted estimator to preprocessed rows."""
    predicted = estimator.predict(features).ravel()
    # a regressor may predict integers, such as DummyRegressor with a constant
    kind = np.float64 if isinstance(estimator, RegressorMixin) else predicted.dtype
    predictions = predicted.astype(kind, copy=False).tolist()
    if not hasattr(estimator, "predict_proba"):
        return Answers(predictions, None)
    return Answers(predictions, estimator.predict_proba(features))
