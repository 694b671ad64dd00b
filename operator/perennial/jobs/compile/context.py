"""Side results of one compilation: further known values, and rows to reject."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from perennial.artifacts.encoding import Operation
from perennial.jobs.compile.features import (
    Codes,
    Columns,
    Feature,
    Number,
    NumberCodes,
    TextCodes,
    as_numbers,
)

_UNBOUNDED: Final = frozenset(Operation) - {Operation.FILL, Operation.AT_LEAST, Operation.AT_MOST}
_LARGEST: Final = sys.float_info.max
_FINITE: Final = (-_LARGEST, float("inf"))
"""Bounds of the finite numbers."""
_INFINITE_CODES: Final = (0, 2)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Codes for which a transformer raises an error."""

    codes: Codes
    rejected: tuple[int, ...]
    message: str


@dataclass(slots=True)
class Context:
    """One run of symbolic columns through a transformer and its nested transformers."""

    transform: Callable[[object, Columns, "Context"], Columns]
    """Applies any transformer to columns."""
    words: dict[int, set[str]]
    """By text input: values that transformers know beyond its categories."""
    rejected: list[Rejected] = field(default_factory=list)

    def reject(self, codes: Codes, rejected: Iterable[int], message: str) -> None:
        """Record that rows with these codes are rejected."""
        if numbers := tuple(int(code) for code in rejected):
            self.rejected.append(Rejected(codes, numbers, message))

    def know(self, codes: Codes, words: Iterable[str]) -> None:
        """Record values that need codes of their own."""
        if isinstance(codes, TextCodes):
            self.words.setdefault(codes.input, set()).update(words)

    def require_finite(self, columns: Columns, taker: str, *, missing: bool) -> None:
        """Reject rows with infinite or missing inputs, as the transformer does."""
        for feature in columns.features:
            self._require_finite(feature, taker, missing=missing)

    def _require_finite(self, feature: Feature, taker: str, *, missing: bool) -> None:
        if not isinstance(feature, Number):
            values = as_numbers(feature.outcomes, taker)
            self.reject(feature.codes, np.flatnonzero(np.isinf(values)), _infinite(taker))
            if not missing:
                self.reject(feature.codes, np.flatnonzero(np.isnan(values)), _missing(taker))
            return
        codes = NumberCodes(feature, _FINITE, exact=False)
        operations = {operation for operation, _ in feature.steps}
        if operations & _UNBOUNDED:
            self.reject(codes, _INFINITE_CODES, _infinite(taker))
        if not missing and Operation.FILL not in operations:
            self.reject(codes, [codes.missing], _missing(taker))


def _missing(taker: str) -> str:
    return f"a value is missing, and {taker} takes none"


def _infinite(taker: str) -> str:
    return f"a value is too large for {taker}"
