"""What a model said of rows whose truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perennial.artifacts.model_schema import Label
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.table.target import Target

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Classified:
    """Classes by their position in the schema: what is true, what was said, how sure."""

    truth: Codes
    said: Codes
    classes: int
    positive: int | None
    """Position of the positive class, where there are two."""
    probabilities: Floats | None
    """One column per class."""
    scores: Floats | None
    """How positive each row looks, where there are two classes."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """Numbers: what is true, and what was said."""

    truth: Floats
    said: Floats


Outcome = Classified | Estimated


def outcome_of(trained: TrainedPipeline, frame: pd.DataFrame, target: Target) -> Outcome:
    """Return what a model says of rows, beside the truth."""
    classes = trained.schema.classes
    answers = trained.answer(frame)
    if classes is None:
        said = np.asarray(answers.predictions, dtype=np.float64)
        return Estimated(truth=target.astype(np.float64), said=said)
    chosen = trained.schema.positive_class
    positive = None if chosen is None else classes.index(chosen)
    return Classified(
        truth=_codes(target.tolist(), classes),
        said=_codes(answers.predictions, classes),
        classes=len(classes),
        positive=positive,
        probabilities=answers.probabilities,
        scores=_scores(trained, frame, positive, answers.probabilities),
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
