"""Snapshots at the edges of blocks in, exact increments of each block out.

A process counts from zero when it started inside the window; else from its first sample, because
a Prometheus that is new would take history for traffic.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from perennial.prometheus.families import LATENCY, REQUESTS
from perennial.prometheus.grid import Grid
from perennial.prometheus.snapshots import Count, Hint, Life, Snapshot

STALE_INTERVALS = 3
"""Without a sample for this many intervals a revision has no data."""

Counts = Mapping[Count, float]


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
    requests_by_pod: Mapping[str, Counts]
    """Requests of each pod, for the dispersion among pods."""


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
        if found is not None and not (isinstance(found, NoData) and self.hints):
            return found
        if self.hints:
            return NoData(Missing.UNUSABLE, "; ".join(sorted(self.hints)))
        message = f"no series of revision {revision}: is every pod scraped, and its labels kept?"
        return NoData(Missing.NO_SERIES, message)


@dataclass(frozen=True)
class Window:
    """The grid of a rollout and how its processes are counted."""

    grid: Grid
    warm_up: float = 30.0
    """Seconds that a process is left out of latency."""
    from_zero: Mapping[str, float] = field(default_factory=dict)
    """Revision: processes that started since then are counted from zero.

    Defaults to the beginning of the grid. A candidate had no traffic before: for it, the time at
    which its rollout was created finds what its pods counted before their first scrape.
    """

    def counts_from_zero(self, life: Life) -> bool:
        """Return whether all that the process has counted belongs to the window."""
        return life.start >= self.from_zero.get(life.revision, self.grid.begin)

    def is_warm(self, life: Life, block: int) -> bool:
        """Return whether the process was past its warm-up when the block began."""
        return life.start + self.warm_up <= self.grid.edge(block - 1)


@dataclass(frozen=True)
class Ledger:
    """What is known at the end of the last closed block: the state of the fold."""

    block: int
    """The last closed block; 0 is the beginning."""
    lives: Mapping[Life, Counts]
    """The highest value of each counter."""
    sampled: Mapping[str, float]
    """Revision: the time of its newest sample."""
    score_edges: Mapping[str, Mapping[str, float]]
    """Revision: the upper end of each score bin."""


def begin(edge: Snapshot) -> Ledger:
    """Return the ledger at the beginning of a grid, from the snapshot at edge 0."""
    return Ledger(0, edge.lives, edge.sampled, edge.score_edges)


def pods_with_new_processes(ledger: Ledger, edge: Snapshot) -> frozenset[str]:
    """Return the pods whose raw samples are needed to close the block that ends here.

    A changed start time tells, not a fall: a counter may pass its old value within a block.
    """
    return frozenset(life.pod for life in edge.lives if life not in ledger.lives)


def close(
    window: Window, ledger: Ledger, edge: Snapshot, samples: Sequence[Snapshot] = ()
) -> tuple[Ledger, Block]:
    """Return the next block, and the ledger after it.

    `edge` is the snapshot at the end of the block, `samples` are the raw samples of the pods with
    new processes, in order of time; those before the block are ignored.
    """
    block = ledger.block + 1
    inside = [one for one in samples if window.grid.edge(block - 1) < one.time <= edge.time]
    lives = dict(ledger.lives)
    grown: dict[Life, dict[Count, float]] = {}
    for snapshot in (*inside, edge):
        _advance(window, lives, grown, snapshot)
    sampled = _newest(ledger.sampled, edge, inside)
    for revision in {life.revision for life, growth in grown.items() if growth}:
        sampled[revision] = max(sampled.get(revision, 0), window.grid.edge(block - 1))
    closed = Ledger(
        block,
        lives,
        sampled,
        {**ledger.score_edges, **edge.score_edges},
    )
    return closed, _block(window, closed, grown, edge)


def _advance(
    window: Window,
    lives: dict[Life, Counts],
    grown: dict[Life, dict[Count, float]],
    snapshot: Snapshot,
) -> None:
    """Raise each process to a snapshot, and note by how much."""
    for life, values in snapshot.lives.items():
        before = lives.get(life)
        if before is None:
            before = {} if _is_within(window, life, lives) else values
        growth = grown.setdefault(life, {})
        for count, value in values.items():
            increment = value - before.get(count, 0)
            if increment > 0:
                growth[count] = growth.get(count, 0) + increment
        lives[life] = {**before, **{c: max(v, before.get(c, 0)) for c, v in values.items()}}


def _is_within(window: Window, life: Life, known: Iterable[Life]) -> bool:
    """A process that follows another of its pod started after that one was seen."""
    return window.counts_from_zero(life) or any(one.pod == life.pod for one in known)


def _newest(
    before: Mapping[str, float], edge: Snapshot, inside: Iterable[Snapshot]
) -> dict[str, float]:
    newest = dict(before)
    seen = list(edge.sampled.items())
    seen += [(life.revision, sample.time) for sample in inside for life in sample.lives]
    for revision, time in seen:
        newest[revision] = max(time, newest.get(revision, time))
    return newest


def _block(window: Window, closed: Ledger, grown: Mapping[Life, Counts], edge: Snapshot) -> Block:
    oldest = edge.time - STALE_INTERVALS * window.grid.interval
    revisions = {
        revision: _increments(window, closed.block, _of(revision, grown))
        if closed.sampled.get(revision, 0) >= oldest
        else _stale(revision)
        for revision in sorted({life.revision for life in closed.lives})
    }
    return Block(closed.block, edge.time, revisions, edge.hints)


def _of(revision: str, grown: Mapping[Life, Counts]) -> dict[Life, Counts]:
    return {life: counts for life, counts in grown.items() if life.revision == revision}


def _stale(revision: str) -> NoData:
    return NoData(
        Missing.STALE, f"no sample of revision {revision} for {STALE_INTERVALS} intervals"
    )


def _increments(window: Window, block: int, grown: Mapping[Life, Counts]) -> Increments:
    total: dict[Count, float] = {}
    by_pod: dict[str, dict[Count, float]] = {}
    for life, counts in grown.items():
        is_warm = window.is_warm(life, block)
        pod = by_pod.setdefault(life.pod, {})
        for count, value in counts.items():
            if count.family != LATENCY or is_warm:
                total[count] = total.get(count, 0) + value
            if count.family == REQUESTS:
                pod[count] = pod.get(count, 0) + value
    return Increments(total, by_pod)
