"""Where each answer stands: its class, its numbers, and the bin that its label will count in."""

from bisect import bisect_left
from collections.abc import Callable
from enum import StrEnum
from math import nan
from typing import Any, cast

from perennial.artifacts.answers import Answers
from perennial.artifacts.profile import Profile
from perennial.artifacts.schema import Label, ModelSchema

Grade = tuple[int, float, float, int]
"""Position of the class (0 for a regression), prediction, confidence, bin of the score.

A plain tuple: one is made for every row. What an answer does not have is NaN.
"""

Codes = dict[Label | float, int]
Grader = Callable[[Answers], list[Grade]]


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
    edges = [] if profile.score is None else list(profile.score.edges)
    if schema.classes is None:
        return _estimated(edges)
    codes: Codes = {label: code for code, label in enumerate(schema.classes)}
    if profile.confidence is None:
        return _named(codes)
    if profile.prediction is not None and schema.positive_class is not None:
        return _scored(codes, codes[schema.positive_class], edges)
    return _chosen(codes, edges)


# `map` over a plain function of floats: for a few rows it is far ahead of arrays


def _estimated(edges: list[float]) -> Grader:
    def grade(number: float) -> Grade:
        return 0, number, nan, bisect_left(edges, number)

    return lambda answers: list(map(grade, cast("list[float]", answers.predictions)))


def _scored(codes: Codes, positive: int, edges: list[float]) -> Grader:
    def grade(said: Label | float, line: list[float]) -> Grade:
        code, score = codes[said], line[positive]
        return code, score, line[code], bisect_left(edges, score)

    return lambda answers: list(map(grade, answers.predictions, _lines(answers)))


def _chosen(codes: Codes, edges: list[float]) -> Grader:
    def grade(said: Label | float, line: list[float]) -> Grade:
        code = codes[said]
        return code, nan, line[code], bisect_left(edges, line[code])

    return lambda answers: list(map(grade, answers.predictions, _lines(answers)))


def _named(codes: Codes) -> Grader:
    return lambda answers: [(codes[said], nan, nan, 0) for said in answers.predictions]


def _lines(answers: Answers) -> list[list[float]]:
    probabilities: Any = answers.probabilities  # there are some: the profile says so
    lines: list[list[float]] = probabilities.tolist()
    return lines
