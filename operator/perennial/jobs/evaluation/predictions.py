"""Predictions of a model beside the actual values: scikit-learn's y_pred and y_true."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Label
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.table.rows import Rows

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassPredictions:
    """Actual and predicted classes, each by its position in the schema."""

    actual: Codes
    predicted: Codes
    classes: int
    positive: int | None
    """Position of the positive class; None unless there are two classes."""
    probabilities: Floats | None
    """(rows, classes); None if the estimator gives none."""
    scores: Floats | None
    """(rows): the higher, the more likely the positive class; None unless there are two."""


@dataclass(frozen=True, slots=True)
class RegressionPredictions:
    """Actual and predicted numbers."""

    actual: Floats
    predicted: Floats


Predictions = ClassPredictions | RegressionPredictions


def predictions_of(trained: TrainedPipeline, rows: Rows, answers: Answers) -> Predictions:
    """Return the answers of a model to these rows beside their actual values."""
    classes = trained.schema.classes
    if classes is None:
        predicted = np.asarray(answers.predictions, dtype=np.float64)
        return RegressionPredictions(actual=rows.target.astype(np.float64), predicted=predicted)
    chosen = trained.schema.positive_class
    positive = None if chosen is None else classes.index(chosen)
    return ClassPredictions(
        actual=_codes(rows.target.tolist(), classes),
        predicted=_codes(answers.predictions, classes),
        classes=len(classes),
        positive=positive,
        probabilities=answers.probabilities,
        scores=_scores(trained, rows.frame, positive, answers.probabilities),
    )


def _codes(labels: Sequence[Label | float], classes: Sequence[Label]) -> Codes:
    codes: dict[Label | float, int] = {label: code for code, label in enumerate(classes)}
    return np.array([codes[label] for label in labels], dtype=np.int64)


def _scores(
    trained: TrainedPipeline,
    frame: pd.DataFrame,
    positive: int | None,
    probabilities: Floats | None,
) -> Floats | None:
    if positive is None:
        return None
    if probabilities is not None:
        return probabilities[:, positive]
    scores: Floats = trained.pipeline.decision_function(frame)
    return scores if positive == 1 else -scores
