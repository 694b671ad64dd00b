"""What a model can be asked for."""

from enum import StrEnum


class Problem(StrEnum):
    """What kind of answer the model gives."""

    CLASSIFICATION = "Classification"
    REGRESSION = "Regression"
