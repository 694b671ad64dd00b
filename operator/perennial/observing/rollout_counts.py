"""Blocks of evidence as gates count them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from perennial.planning.model_deployment.gates.counts import (
    CLASSES,
    ERRORS,
    LATENCY,
    NO_SUMS,
    REFUSALS,
    SCORES,
    BlockCounts,
    MixCounts,
    RateCounts,
    Sums,
)
from perennial.planning.model_deployment.question import Question
from perennial.prometheus import families
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import Block, Increments, NoData
from perennial.prometheus.ledger import Counts, Ledger
from perennial.statistics import dispersion

Events = tuple[float, float]
"""Events and trials of one gate."""
Bins = Mapping[tuple[str, ...], int]
"""By the labels of a series: the position of its class or score bin in the distribution."""


class BothBins(NamedTuple):
    """The bins of one distribution in the series of each revision."""

    candidate: Bins
    stable: Bins

    @property
    def size(self) -> int:
        """Return the number of positions."""
        return max((*self.candidate.values(), *self.stable.values()), default=-1) + 1


_NOTHING: Final = Increments({}, {})
_PREDICTION: Final = "prediction"


def block_counts(question: Question, grid: Grid, block: Block, ledger: Ledger) -> BlockCounts:
    """Return what candidate and stable counted in a block; the ledger is that of its end."""
    source, baseline = question.source, question.baseline
    candidate, stable = block.of(source.candidate), block.of(source.stable)
    is_compared = baseline is None or baseline.is_compared
    missing = _missing(candidate) or (_missing(stable) if is_compared else "")
    own, other = _known(candidate), _known(stable)
    bound = baseline.latency_bound if baseline else None
    measures = rate_measures(None if bound is None else float(bound))
    return BlockCounts(
        begin=_time(grid.edge(block.index - 1)),
        end=_time(block.end),
        missing=missing,
        rates={gate: _rates(measure, own, other) for gate, measure in measures.items()},
        mixes={
            CLASSES: _mix(families.CLASSES, classes(ledger), own, other),
            SCORES: _mix(
                families.PREDICTIONS,
                shared_bins(ledger, source.candidate, source.stable),
                own,
                other,
            ),
        },
    )


def rate_measures(latency_bound: float | None) -> Mapping[str, Callable[[Counts], Events]]:
    """Return how each gate of rates counts the events and trials in the counts of one block."""
    measures: dict[str, Callable[[Counts], Events]] = {ERRORS: errors, REFUSALS: refusals}
    if latency_bound is not None:
        measures[LATENCY] = lambda counts: slow(counts, latency_bound)
    return measures


def errors(counts: Counts) -> Events:
    """Return the failed requests with the workers that died, and all requests."""
    deaths = sum(value for count, value in counts.items() if count.family == families.WORKER_DEATHS)
    return _requests(counts, "failed") + deaths, _requests(counts)


def refusals(counts: Counts) -> Events:
    """Return the refused requests, and all requests."""
    return _requests(counts, "refused"), _requests(counts)


def slow(counts: Counts, bound: float) -> Events:
    """Return the answered requests that took longer than the bound in seconds, and all of them."""
    buckets = {
        float(count.labels[0]): value
        for count, value in counts.items()
        if count.family == families.LATENCY
    }
    every = buckets.get(float("inf"), 0.0)
    return every - buckets.get(bound, 0.0), every


def shared_bins(ledger: Ledger, candidate: str, stable: str) -> BothBins:
    """Return the positions of score bins among the edges that both revisions have.

    Most edges are quantiles of a version's own predictions. Bins between shared edges are merged.
    """
    own, other = (_upper_ends(ledger, each) for each in (candidate, stable))
    shared = sorted(set(own.values()) & set(other.values()))
    return BothBins(_positions(own, shared), _positions(other, shared))


def classes(ledger: Ledger) -> BothBins:
    """Return the positions of all classes that a process of either revision reports."""
    names = {
        count.labels
        for counts in ledger.lives.values()
        for count in counts
        if count.family == families.CLASSES
    }
    bins = {labels: position for position, labels in enumerate(sorted(names))}
    return BothBins(bins, bins)


def _upper_ends(ledger: Ledger, revision: str) -> dict[str, float]:
    edges = ledger.score_edges.get(revision, {})
    return {each.bin: end for each, end in edges.items() if each.score == _PREDICTION}


def _positions(ends: Mapping[str, float], shared: list[float]) -> Bins:
    if not shared:
        return {}
    return {(name,): sum(edge < end for edge in shared) for name, end in ends.items()}


def _rates(
    measure: Callable[[Counts], Events], candidate: Increments, stable: Increments
) -> RateCounts:
    by_pod = [measure(counts) for counts in stable.by_pod.values()]
    return RateCounts(*measure(candidate.total), *measure(stable.total), rate_sums(by_pod))


def rate_sums(by_pod: Iterable[Events]) -> Sums:
    """Return the dispersion of events between the pods of one block."""
    pairs = [pair for pair in by_pod if pair[1]]
    if len(pairs) < 2:  # noqa: PLR2004 - one pod differs from nobody
        return NO_SUMS
    events, trials = zip(*pairs, strict=True)
    return _of_one_block(dispersion.by_block([events], [trials]))


def _mix(family: str, bins: BothBins, candidate: Increments, stable: Increments) -> MixCounts:
    size = bins.size
    by_pod = [rows(family, bins.stable, size, counts) for counts in stable.by_pod.values()]
    return MixCounts(
        rows(family, bins.candidate, size, candidate.total),
        rows(family, bins.stable, size, stable.total),
        mix_sums(by_pod),
    )


def mix_sums(by_pod: Iterable[tuple[float, ...]]) -> Sums:
    """Return the dispersion of a distribution between the pods of one block."""
    found = [each for each in by_pod if any(each)]
    if len(found) < 2 or len(found[0]) < 2:  # noqa: PLR2004 - as above, and one bin is no mix
        return NO_SUMS
    return _of_one_block(dispersion.mix_by_block([found]))


def rows(family: str, bins: Bins, size: int, counts: Counts) -> tuple[float, ...]:
    """Return the rows of a family by position."""
    found = [0.0] * size
    for count, value in counts.items():
        if count.family == family and count.labels in bins:
            found[bins[count.labels]] += value
    return tuple(found)


def _of_one_block(sums: dispersion.DispersionSums) -> Sums:
    return (
        float(sums.squares[0]),
        float(sums.expected[0]),
        float(sums.degrees[0]),
        float(sums.events[0]),
    )


def _requests(counts: Counts, outcome: str | None = None) -> float:
    return sum(
        value
        for count, value in counts.items()
        if count.family == families.REQUESTS and outcome in (None, count.labels[0])
    )


def _known(found: Increments | NoData) -> Increments:
    return found if isinstance(found, Increments) else _NOTHING


def _missing(found: Increments | NoData) -> str:
    return found.message if isinstance(found, NoData) else ""


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
