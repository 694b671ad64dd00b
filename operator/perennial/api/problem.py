"""The kinds of problem that a model solves."""

from enum import StrEnum


class Problem(StrEnum):
    """Kind of problem that the model solves."""

    CLASSIFICATION = "Classification"
    REGRESSION = "Regression"
