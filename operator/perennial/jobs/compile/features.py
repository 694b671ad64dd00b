"""Symbolic columns: functions of one input, to which transformers are applied."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.encoding import OPERATIONS, Operation, Values
from perennial.jobs.compile import NotCompilableError

Arithmetic = tuple[Operation, float]
"""An operation and its operand."""


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric input after some arithmetic; may be missing."""

    input: int
    """Position among the schema's numbers."""
    steps: tuple[Arithmetic, ...] = ()


@dataclass(frozen=True, slots=True)
class TextCodes:
    """The codes of a text input: categories, unseen, missing, further words."""

    input: int
    """Position among the schema's texts."""


@dataclass(frozen=True, slots=True)
class NumberCodes:
    """The codes of a number: the bound that it equals, or its bin."""

    number: Number
    bounds: tuple[float, ...]
    exact: bool

    @property
    def missing(self) -> int:
        """The code of a missing number."""
        return len(self.bounds) + 1


Codes = TextCodes | NumberCodes


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A function of codes: one value per code, float64, or object if some are texts."""

    codes: Codes
    outcomes: NDArray[np.float64] | NDArray[np.object_]


Feature = Number | Table


@dataclass(frozen=True, slots=True)
class Columns:
    """The symbolic form of one matrix of scikit-learn."""

    features: tuple[Feature, ...]
    sparse: bool = False
    """Whether that matrix is sparse: scalers then multiply instead of dividing."""

    def picked(self, positions: Sequence[int]) -> "Columns":
        """Return the columns at these positions."""
        return replace(self, features=tuple(self.features[at] for at in positions))


def missing_among(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return which values are NaN, also in arrays of objects."""
    return np.asarray(values != values, np.bool_)  # noqa: PLR0124 - objects have no isnan


def as_numbers(values: NDArray[np.generic], taker: str) -> Values:
    """Return a table's values as numbers; raise if they are texts."""
    try:
        return np.array(values, np.float64)
    except (TypeError, ValueError):
        raise NotCompilableError(f"{taker} is given texts") from None


def calculated(feature: Feature, steps: Sequence[Arithmetic], taker: str) -> Feature:
    """Return the feature after further operations."""
    if isinstance(feature, Number):
        return replace(feature, steps=(*feature.steps, *steps))
    values = as_numbers(feature.outcomes, taker)
    with np.errstate(all="ignore"):
        for operation, operand in steps:
            OPERATIONS[operation](values, operand, out=values)
    return Table(feature.codes, values)
