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


def merged(first: BlockCounts, second: BlockCounts) -> BlockCounts:
    """Return two consecutive blocks as one."""
    return BlockCounts(
        begin=first.begin,
        end=second.end,
        missing=second.missing,
        missing_of=second.missing_of,
        rates={
            gate: _added_rates(first.rates.get(gate), counts)
            for gate, counts in second.rates.items()
        },
        mixes={
            name: _added_mixes(first.mixes.get(name), counts)
            for name, counts in second.mixes.items()
        },
    )


def _added_rates(first: RateCounts | None, second: RateCounts) -> RateCounts:
    if first is None:
        return second
    return RateCounts(
        first.candidate_events + second.candidate_events,
        first.candidate_trials + second.candidate_trials,
        first.stable_events + second.stable_events,
        first.stable_trials + second.stable_trials,
        _added_sums(first.dispersion, second.dispersion),
    )


def _added_mixes(first: MixCounts | None, second: MixCounts) -> MixCounts:
    """Return both; bins that were not known in the first block have nothing to add."""
    if first is None or len(first.candidate) != len(second.candidate):
        return second
    return MixCounts(
        tuple(map(sum, zip(first.candidate, second.candidate, strict=True))),
        tuple(map(sum, zip(first.stable, second.stable, strict=True))),
        _added_sums(first.dispersion, second.dispersion),
    )


def _added_sums(first: Sums, second: Sums) -> Sums:
    return (
        first[0] + second[0],
        first[1] + second[1],
        first[2] + second[2],
        first[3] + second[3],
    )
