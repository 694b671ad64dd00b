"""What candidate and stable counted in one block, by gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

ERRORS: Final = "errors"
REFUSALS: Final = "refusals"
LATENCY: Final = "latency"
PREDICTIONS: Final = "predictions"
CLASSES: Final = "classes"
SCORES: Final = "scores"

Sums = tuple[float, float, float, float]
"""The dispersion of one block: squares, expected, degrees and events (`DispersionSums`)."""

NO_SUMS: Final[Sums] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RateCounts:
    """Events of one gate, and the trials among which they are counted."""

    candidate_events: float
    candidate_trials: float
    stable_events: float
    stable_trials: float
    dispersion: Sums = NO_SUMS


@dataclass(frozen=True, slots=True)
class MixCounts:
    """Rows by class, or by score bin between edges that both revisions have."""

    candidate: tuple[float, ...]
    stable: tuple[float, ...]
    dispersion: Sums = NO_SUMS


@dataclass(frozen=True, slots=True)
class BlockCounts:
    """The evidence of one block."""

    begin: datetime
    end: datetime
    missing: str
    """Why there is no data; empty where there is."""
    rates: Mapping[str, RateCounts] = field(default_factory=dict)
    """By gate: errors, refusals, latency."""
    missing_of: Mapping[str, str] = field(default_factory=dict)
    """By gate: why this one alone has no data."""
    mixes: Mapping[str, MixCounts] = field(default_factory=dict)
    """By distribution: classes, scores."""
