"""Where each answer stands: its class, its numbers, and the bin that its label will count in."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial.artifacts.profile import Profile
from perennial.artifacts.schema import Label, ModelSchema

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Codes = dict[Label | float, int]


class Grades(NamedTuple):
    """Arrays with one line for each answer; numbers that answers do not have are NaN."""

    classes: Positions
    """Position of the class; 0 for a regression."""
    predictions: Floats
    confidences: Floats
    bins: Positions
    """Bin of the score."""


Grader = Callable[[Answers], Grades]


class Kind(StrEnum):
    """What the label of a prediction says about it."""

    SCORED = "scored"
    """Two classes and the probability of one: labels are counted by class."""
    CHOSEN = "chosen"
    """Any other classification: labels are counted as right or wrong."""
    ESTIMATED = "estimated"
    """A regression: labels are counted by the error."""


def kind_of(schema: ModelSchema, profile: Profile) -> Kind:
    """Return what labels of this model's predictions say."""
    if schema.classes is None:
        return Kind.ESTIMATED
    return Kind.CHOSEN if profile.prediction is None else Kind.SCORED


def grader(schema: ModelSchema, profile: Profile) -> Grader:
    """Return the function that grades the answers of a model."""
    edges = np.array(() if profile.score is None else profile.score.edges)
    if schema.classes is None:
        return _estimated(edges)
    codes: Codes = {label: code for code, label in enumerate(schema.classes)}
    if profile.confidence is None:
        return _named(codes)
    if profile.prediction is not None and schema.positive_class is not None:
        return _scored(codes, codes[schema.positive_class], edges)
    return _chosen(codes, edges)


def _estimated(edges: Floats) -> Grader:
    def grade(answers: Answers) -> Grades:
        numbers = np.array(answers.predictions, np.float64)
        rows = len(numbers)
        return Grades(np.zeros(rows, np.intp), numbers, _none(rows), edges.searchsorted(numbers))

    return grade


def _scored(codes: Codes, positive: int, edges: Floats) -> Grader:
    def grade(answers: Answers) -> Grades:
        classes, likely = _classes(codes, answers), _likely(answers)
        scores = likely[:, positive]
        return Grades(classes, scores, _chosen_of(likely, classes), edges.searchsorted(scores))

    return grade


def _chosen(codes: Codes, edges: Floats) -> Grader:
    def grade(answers: Answers) -> Grades:
        classes = _classes(codes, answers)
        sure = _chosen_of(_likely(answers), classes)
        return Grades(classes, _none(len(classes)), sure, edges.searchsorted(sure))

    return grade


def _named(codes: Codes) -> Grader:
    def grade(answers: Answers) -> Grades:
        classes = _classes(codes, answers)
        lacking = _none(len(classes))
        return Grades(classes, lacking, lacking, np.zeros_like(classes))

    return grade


def _classes(codes: Codes, answers: Answers) -> Positions:
    said = answers.predictions
    return np.fromiter(map(codes.__getitem__, said), np.intp, len(said))


def _likely(answers: Answers) -> Floats:
    probabilities: Any = answers.probabilities  # there are some: the profile says so
    likely: Floats = probabilities
    return likely


def _chosen_of(likely: Floats, classes: Positions) -> Floats:
    """Return how likely the class is that was answered."""
    chosen: Floats = likely[np.arange(len(classes)), classes]
    return chosen


def _none(rows: int) -> Floats:
    return np.full(rows, np.nan)
