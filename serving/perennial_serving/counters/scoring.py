"""What is counted of each prediction: its class, its score, and the bin of the score."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import Label, ModelSchema
from perennial.artifacts.profile import Profile

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Codes = dict[Label | float, int]


class AnswerScores(NamedTuple):
    """Arrays with one line per prediction."""

    classes: Positions
    """Index of the predicted class; 0 for a regression."""
    values: Floats
    """What the ring keeps: two probabilities, (rows, 2), or one number, (rows,)."""
    numbers: Floats
    """The prediction, or the confidence where classes have no order; NaN if there is neither."""
    bins: Positions
    """Bin of the number; labels are counted by it."""


Scorer = Callable[[Answers], AnswerScores]


class LabelKind(StrEnum):
    """How labels of a model's predictions are counted."""

    SCORED = "scored"
    """Two classes with probabilities: labels are counted by class."""
    CHOSEN = "chosen"
    """Any other classification: labels are counted as right or wrong."""
    ESTIMATED = "estimated"
    """A regression: labels are counted by their error."""


def label_kind(schema: ModelSchema, profile: Profile) -> LabelKind:
    """Return how labels of this model's predictions are counted."""
    if schema.classes is None:
        return LabelKind.ESTIMATED
    return LabelKind.CHOSEN if profile.prediction is None else LabelKind.SCORED


def scorer(schema: ModelSchema, profile: Profile) -> Scorer:
    """Return the function that scores the predictions of a model."""
    edges = np.array(() if profile.score is None else profile.score.edges)
    codes: Codes = {label: code for code, label in enumerate(schema.classes or ())}
    match label_kind(schema, profile):
        case LabelKind.ESTIMATED:
            return _estimated(edges)
        case LabelKind.SCORED:
            return _scored(codes, positive(schema), edges)
        case LabelKind.CHOSEN:
            return _named(codes) if profile.confidence is None else _chosen(codes, edges)


def positive(schema: ModelSchema) -> int:
    """Return the index of the positive class of two."""
    return (schema.classes or ()).index(schema.positive_class)


def confidence_of(probabilities: Floats, classes: Positions) -> Floats:
    """Return the probability of the predicted class."""
    confidences: Floats = probabilities[np.arange(len(classes)), classes]
    return confidences


def _estimated(edges: Floats) -> Scorer:
    def score(answers: Answers) -> AnswerScores:
        numbers = np.array(answers.predictions, np.float64)
        classes = np.zeros(len(numbers), np.intp)
        return AnswerScores(classes, numbers, numbers, edges.searchsorted(numbers))

    return score


def _scored(codes: Codes, column: int, edges: Floats) -> Scorer:
    def score(answers: Answers) -> AnswerScores:
        probabilities = _likely(answers)
        scores = probabilities[:, column]
        return AnswerScores(
            _classes(codes, answers), probabilities, scores, edges.searchsorted(scores)
        )

    return score


def _chosen(codes: Codes, edges: Floats) -> Scorer:
    def score(answers: Answers) -> AnswerScores:
        classes = _classes(codes, answers)
        confidences = confidence_of(_likely(answers), classes)
        return AnswerScores(classes, confidences, confidences, edges.searchsorted(confidences))

    return score


def _named(codes: Codes) -> Scorer:
    def score(answers: Answers) -> AnswerScores:
        classes = _classes(codes, answers)
        none = np.full(len(classes), np.nan)
        return AnswerScores(classes, none, none, np.zeros_like(classes))

    return score


def _classes(codes: Codes, answers: Answers) -> Positions:
    labels = answers.predictions
    return np.fromiter(map(codes.__getitem__, labels), np.intp, len(labels))


def _likely(answers: Answers) -> Floats:
    """Return the probabilities; the profile guarantees that the model has them."""
    # a scikit-learn estimator may return single precision
    return np.asarray(answers.probabilities, np.float64)
