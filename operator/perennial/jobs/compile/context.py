"""What one compilation gathers beside the columns: words to know, and rows to refuse."""

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
"""Bounds between which every finite number lies."""
_INFINITE_CODES: Final = (0, 2)


@dataclass(frozen=True, slots=True)
class Refused:
    """Codes that a transformer raises an error for."""

    codes: Codes
    refused: tuple[int, ...]
    message: str


@dataclass(slots=True)
class Context:
    """One run of the symbolic columns through a transformer and those within it."""

    transform: Callable[[object, Columns, "Context"], Columns]
    """Takes columns through any transformer."""
    words: dict[int, set[str]]
    """By text input: what transformers know beside its categories."""
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, codes: Codes, refused: Iterable[int], message: str) -> None:
        """Note that rows with these codes have no answer."""
        if numbers := tuple(int(code) for code in refused):
            self.refused.append(Refused(codes, numbers, message))

    def know(self, codes: Codes, words: Iterable[str]) -> None:
        """Note words that must be told apart from what no transformer knows."""
        if isinstance(codes, TextCodes):
            self.words.setdefault(codes.input, set()).update(words)

    def require_finite(self, columns: Columns, taker: str, *, missing: bool) -> None:
        """Refuse rows as a transformer does whose input is infinite, or missing."""
        for feature in columns.features:
            self._require_finite(feature, taker, missing=missing)

    def _require_finite(self, feature: Feature, taker: str, *, missing: bool) -> None:
        if not isinstance(feature, Number):
            values = as_numbers(feature.outcomes, taker)
            self.refuse(feature.codes, np.flatnonzero(np.isinf(values)), _infinite(taker))
            if not missing:
                self.refuse(feature.codes, np.flatnonzero(np.isnan(values)), _missing(taker))
            return
        codes = NumberCodes(feature, _FINITE, exact=False)
        operations = {operation for operation, _ in feature.steps}
        if operations & _UNBOUNDED:
            self.refuse(codes, _INFINITE_CODES, _infinite(taker))
        if not missing and Operation.FILL not in operations:
            self.refuse(codes, [codes.missing], _missing(taker))


def _missing(taker: str) -> str:
    return f"a value is missing, and {taker} takes none"


def _infinite(taker: str) -> str:
    return f"a value is too large for {taker}"
