"""Where each answer stands: its class, its number, and the bin that its label will count in."""

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


class Grades(NamedTuple):
    """Arrays with one line for each answer."""

    classes: Positions
    """Position of the class; 0 for a regression."""
    told: Floats
    """What is counted of each answer, once there are many: two probabilities, or one number."""
    numbers: Floats
    """The prediction, or the confidence where classes have no order; NaN if there is neither."""
    bins: Positions
    """Bin of that number."""


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
    codes: Codes = {label: code for code, label in enumerate(schema.classes or ())}
    match kind_of(schema, profile):
        case Kind.ESTIMATED:
            return _estimated(edges)
        case Kind.SCORED:
            return _scored(codes, positive(schema), edges)
        case Kind.CHOSEN:
            return _named(codes) if profile.confidence is None else _chosen(codes, edges)


def positive(schema: ModelSchema) -> int:
    """Return the position of the positive class of two."""
    return (schema.classes or ()).index(schema.positive_class)


def chosen(likely: Floats, classes: Positions) -> Floats:
    """Return how likely the class is that was answered."""
    confidences: Floats = likely[np.arange(len(classes)), classes]
    return confidences


def _estimated(edges: Floats) -> Grader:
    def grade(answers: Answers) -> Grades:
        numbers = np.array(answers.predictions, np.float64)
        classes = np.zeros(len(numbers), np.intp)
        return Grades(classes, numbers, numbers, edges.searchsorted(numbers))

    return grade


def _scored(codes: Codes, column: int, edges: Floats) -> Grader:
    def grade(answers: Answers) -> Grades:
        likely = _likely(answers)
        scores = likely[:, column]
        return Grades(_classes(codes, answers), likely, scores, edges.searchsorted(scores))

    return grade


def _chosen(codes: Codes, edges: Floats) -> Grader:
    def grade(answers: Answers) -> Grades:
        classes = _classes(codes, answers)
        sure = chosen(_likely(answers), classes)
        return Grades(classes, sure, sure, edges.searchsorted(sure))

    return grade


def _named(codes: Codes) -> Grader:
    def grade(answers: Answers) -> Grades:
        classes = _classes(codes, answers)
        none = np.full(len(classes), np.nan)
        return Grades(classes, none, none, np.zeros_like(classes))

    return grade


def _classes(codes: Codes, answers: Answers) -> Positions:
    said = answers.predictions
    return np.fromiter(map(codes.__getitem__, said), np.intp, len(said))


def _likely(answers: Answers) -> Floats:
    """Return the probabilities: there are some, the profile says so."""
    # an estimator of scikit-learn may answer in single precision
    return np.asarray(answers.probabilities, np.float64)
