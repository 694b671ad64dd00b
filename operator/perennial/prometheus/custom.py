"""Counters of tenants: what was counted in each block, by the label that tells versions apart.

Nothing says when their processes started, so a fall is a restart, and a series that appears
counts from zero only where its target has been seen before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from perennial.prometheus.answer import Series
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import STALE_INTERVALS, Missing, NoData
from perennial.prometheus.queries import SAMPLE_TIME, PinnedSelector

_TARGET = ("job", "instance")

Key = frozenset[tuple[str, str]]


class CustomCounter(NamedTuple):
    """A tenant's counter, after the guard."""

    selector: PinnedSelector
    version_label: str
    """The label that tells versions apart."""


@dataclass(frozen=True)
class CustomEdge:
    """The values of one expression's series at one edge."""

    values: Mapping[Key, float]
    sampled: Mapping[str, float]
    """Version: the time of its newest sample."""


@dataclass(frozen=True)
class CustomLedger:
    """What is known of one expression at the end of the last closed block."""

    block: int
    values: Mapping[Key, float]
    targets: frozenset[Key]
    sampled: Mapping[str, float]


@dataclass(frozen=True)
class CustomBlock:
    """The increments of one expression in one block."""

    index: int
    counts: Mapping[str, float]
    """Version: the sum over its series; a version without series is left out."""
    fresh: frozenset[str]
    """Versions with a sample within the last three intervals."""


class Ratio(NamedTuple):
    """Numerator and denominator of one version in one block."""

    numerator: float
    denominator: float


def custom_edges(
    answer: Iterable[Series], version_label: str, grid: Grid, first: int, last: int
) -> tuple[CustomEdge, ...]:
    """Return the answer to `queries.custom_values` at each edge; empty where nothing was found."""
    values: dict[int, dict[Key, float]] = defaultdict(dict)
    sampled: dict[int, dict[str, float]] = defaultdict(dict)
    for labels, samples in answer:
        is_time, key = SAMPLE_TIME in labels, frozenset(labels.items())
        for time, value in samples:
            if is_time:
                sampled[grid.nearest_edge(time)][labels.get(version_label, "")] = value
            elif value >= 0:
                values[grid.nearest_edge(time)][key] = value
    edges = range(first, last + 1)
    return tuple(CustomEdge(values.get(one, {}), sampled.get(one, {})) for one in edges)


def begin_custom(edge: CustomEdge) -> CustomLedger:
    """Return the ledger at edge 0."""
    return CustomLedger(0, edge.values, _targets(edge.values), edge.sampled)


def close_custom(
    grid: Grid, version_label: str, ledger: CustomLedger, edge: CustomEdge
) -> tuple[CustomLedger, CustomBlock]:
    """Return the ledger after the next block, and the block."""
    counts: dict[str, float] = {}
    for key, value in edge.values.items():
        version = dict(key).get(version_label, "")
        counts[version] = counts.get(version, 0) + _increment(ledger, key, value)
    block = ledger.block + 1
    sampled = {**ledger.sampled, **edge.sampled}
    oldest = grid.edge(block) - STALE_INTERVALS * grid.interval
    fresh = frozenset(version for version, time in sampled.items() if time >= oldest)
    known = ledger.targets | _targets(edge.values)
    after = CustomLedger(block, {**ledger.values, **edge.values}, known, sampled)
    return after, CustomBlock(block, counts, fresh)


def ratio(numerator: CustomBlock, denominator: CustomBlock, version: str) -> Ratio | NoData:
    """Return both counts of a version; a numerator without series is 0, a denominator NoData."""
    if version not in denominator.fresh:
        is_known = version in denominator.counts
        reason = Missing.STALE if is_known else Missing.NO_SERIES
        return NoData(reason, f"the denominator has no recent sample of version {version}")
    return Ratio(numerator.counts.get(version, 0.0), denominator.counts.get(version, 0.0))


def _increment(ledger: CustomLedger, key: Key, value: float) -> float:
    before = ledger.values.get(key)
    if before is None:
        return value if _target(key) in ledger.targets else 0.0
    return value - before if value >= before else value


def _targets(values: Iterable[Key]) -> frozenset[Key]:
    return frozenset(_target(key) for key in values)


def _target(key: Key) -> Key:
    return frozenset(pair for pair in key if pair[0] in _TARGET)
