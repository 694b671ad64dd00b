"""Snapshots at the edges of blocks in, exact increments of each block out.

A process counts from zero when it started inside the window; else from its first sample, because
a Prometheus that is new would take history for traffic.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from perennial.prometheus.families import LATENCY
from perennial.prometheus.ledger import Counts, Growth, Ledger, Window, advance
from perennial.prometheus.snapshots import Count, Hint, Snapshot

STALE_INTERVALS = 3
"""Without a sample for this many intervals a revision has no data."""


class Missing(StrEnum):
    """Why a revision has no data in a block."""

    NO_SERIES = "NoSeries"
    STALE = "Stale"
    UNUSABLE = "Unusable"


class NoData(NamedTuple):
    """Neither zero nor an estimate: nothing is known."""

    reason: Missing
    message: str


@dataclass(frozen=True)
class Increments:
    """What one revision counted in one block."""

    total: Counts
    """Sum over pods; latency without processes younger than the warm-up."""
    by_pod: Mapping[str, Counts]
    """The same of each pod, for the dispersion among pods."""


@dataclass(frozen=True)
class Block:
    """The evidence of one block of the grid."""

    index: int
    end: float
    revisions: Mapping[str, Increments | NoData]
    hints: frozenset[Hint] = frozenset()

    def of(self, revision: str) -> Increments | NoData:
        """Return the increments of a revision, or why there are none."""
        found = self.revisions.get(revision)
        if isinstance(found, Increments):
            return found
        if self.hints:
            return NoData(Missing.UNUSABLE, "; ".join(sorted(self.hints)))
        if found is not None:
            return found
        message = f"no series of revision {revision}: is every pod scraped, and its labels kept?"
        return NoData(Missing.NO_SERIES, message)


@dataclass(frozen=True)
class Columns:
    """One family of one revision over consecutive blocks."""

    observed: tuple[bool, ...]
    """Whether there is data; where there is none, counts are 0 and mean nothing."""
    counts: Mapping[tuple[str, ...], tuple[float, ...]]
    """Values of the family's own labels: the increment of each block."""


def close(
    window: Window, ledger: Ledger, edge: Snapshot, samples: Iterable[Snapshot] = ()
) -> tuple[Ledger, Block]:
    """Return the ledger after the next block, and the block; arguments as of `ledger.advance`."""
    after, growth = advance(window, ledger, edge, samples)
    oldest = edge.time - STALE_INTERVALS * window.grid.interval
    revisions = {
        revision: _increments(window, after.block, grown)
        if _is_fresh(revision, after, oldest, grown)
        else _stale(revision)
        for revision, grown in _by_revision(after, growth).items()
    }
    return after, Block(after.block, edge.time, revisions, edge.hints)


def columns(blocks: Iterable[Block], revision: str, family: str) -> Columns:
    """Return the increments of a family as one array for each set of its labels."""
    found = [block.of(revision) for block in blocks]
    totals: list[Counts] = [one.total if isinstance(one, Increments) else {} for one in found]
    labels = sorted({count.labels for total in totals for count in total if count.family == family})
    return Columns(
        tuple(isinstance(one, Increments) for one in found),
        {one: tuple(total.get(Count(family, one), 0.0) for total in totals) for one in labels},
    )


def _by_revision(ledger: Ledger, growth: Growth) -> dict[str, Growth]:
    revisions = sorted({life.revision for life in ledger.lives})
    return {
        one: {life: counts for life, counts in growth.items() if life.revision == one}
        for one in revisions
    }


def _is_fresh(revision: str, ledger: Ledger, oldest: float, grown: Growth) -> bool:
    """What has grown was sampled in this block, even if its pods are gone at its end."""
    return any(grown.values()) or ledger.sampled.get(revision, 0) >= oldest


def _stale(revision: str) -> NoData:
    message = f"no sample of revision {revision} for {STALE_INTERVALS} intervals"
    return NoData(Missing.STALE, message)


def _increments(window: Window, block: int, grown: Growth) -> Increments:
    total: dict[Count, float] = {}
    by_pod: dict[str, dict[Count, float]] = {}
    for life, counts in grown.items():
        is_warm = window.is_warm(life, block)
        pod = by_pod.setdefault(life.pod, {})
        for count, value in counts.items():
            if count.family != LATENCY or is_warm:
                total[count] = total.get(count, 0) + value
                pod[count] = pod.get(count, 0) + value
    return Increments(total, by_pod)
