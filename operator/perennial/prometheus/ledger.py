"""What each process had counted when the last block ended: the state of the fold over blocks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from perennial.prometheus.grid import Grid
from perennial.prometheus.snapshots import Count, Life, ScoreBin, Snapshot

CLOCK_SKEW_SECONDS = 60
"""Start times are by the clock of a node, edges by that of Prometheus."""

Counts = Mapping[Count, float]
Growth = Mapping[Life, Counts]
"""What each process has counted in one block."""


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
    """What is known at the end of the last closed block."""

    block: int
    """The last closed block; 0 is the beginning."""
    lives: Mapping[Life, Counts]
    """The highest value of each counter."""
    sampled: Mapping[str, float]
    """Revision: the time of its newest sample."""
    score_edges: Mapping[str, Mapping[ScoreBin, float]]
    """Revision: the upper end of each score bin."""
    restarts: Mapping[str, float]
    """Pod: the edge at which its last restart was found."""


class Span(NamedTuple):
    """The pods whose raw samples are needed, and of which time: after `since`, up to `until`."""

    pods: frozenset[str]
    since: float
    until: float


def needed_samples(grid: Grid, ledger: Ledger | None, edge: Snapshot) -> Span:
    """Return what has to be read beside the values at an edge, for pods that have restarted.

    A changed start time tells, not a fall: a counter may pass its old value within a block. And
    for as long as Prometheus looks back, a series that the new process does not have yet keeps
    the value of the old one, so edges mean nothing for such a pod.
    """
    if ledger is None:
        oldest = edge.time - grid.lookback - CLOCK_SKEW_SECONDS
        young = frozenset(life.pod for life in edge.lives if life.start >= oldest)
        return Span(young, edge.time - grid.lookback, edge.time)
    begun = frozenset(
        life.pod
        for life in edge.lives
        if life not in ledger.lives or edge.time < ledger.restarts.get(life.pod, 0) + grid.lookback
    )
    return Span(begun, grid.edge(ledger.block), edge.time)


def begin(window: Window, edge: Snapshot, samples: Iterable[Snapshot] = ()) -> Ledger:
    """Return the ledger at edge 0; what was counted until then does not belong to the window."""
    nothing = Ledger(-1, {}, {}, {}, {})
    steps = _steps(needed_samples(window.grid, None, edge), edge, samples)
    return _entered(nothing, edge, steps, {})[0]


def advance(
    window: Window, ledger: Ledger, edge: Snapshot, samples: Iterable[Snapshot] = ()
) -> tuple[Ledger, Growth]:
    """Return the ledger after the next block, and what each process has counted in it.

    `edge` is the snapshot at the end of the block; `samples` are those that `needed_samples`
    names, in order of time.
    """
    steps = _steps(needed_samples(window.grid, ledger, edge), edge, samples)
    bases = _bases(window, ledger, steps)
    return _entered(ledger, edge, steps, bases)


def _steps(needed: Span, edge: Snapshot, samples: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
    """Return the snapshots to go through: of each pod either its samples or its edge."""
    inside = tuple(one for one in samples if needed.since < one.time <= needed.until)
    others = {life: counts for life, counts in edge.lives.items() if life.pod not in needed.pods}
    return (*inside, Snapshot(edge.time, others))


def _bases(window: Window, ledger: Ledger, steps: Sequence[Snapshot]) -> dict[Life, Counts]:
    """Return what new processes had counted before the window, as far as a sample tells.

    A process that follows another of its pod started after that one was seen.
    """
    bases: dict[Life, Counts] = {}
    known = {life.pod for life in ledger.lives}
    for snapshot in steps:
        for life, counts in snapshot.lives.items():
            if life not in ledger.lives and life not in bases:
                is_inside = life.pod in known or window.counts_from_zero(life)
                bases[life] = {} if is_inside else counts
        known.update(life.pod for life in snapshot.lives)
    return bases


def _entered(
    ledger: Ledger, edge: Snapshot, steps: Sequence[Snapshot], bases: Mapping[Life, Counts]
) -> tuple[Ledger, Growth]:
    """Return the ledger with these snapshots, and by how much each process has grown."""
    before = {**bases, **ledger.lives}
    lives = dict(before)
    for snapshot in steps:
        for life, counts in snapshot.lives.items():
            lives[life] = _highest(lives.get(life, {}), counts)
    seen = {life for snapshot in steps for life in snapshot.lives}
    growth = {life: _difference(lives[life], before.get(life, {})) for life in seen}
    entered = Ledger(
        ledger.block + 1,
        lives,
        _newest(ledger.sampled, edge, steps),
        {**ledger.score_edges, **edge.score_edges},
        _restarts(ledger, lives, edge.time),
    )
    return entered, growth


def _highest(one: Counts, other: Counts) -> Counts:
    return {**one, **{count: max(value, one.get(count, 0)) for count, value in other.items()}}


def _difference(after: Counts, before: Counts) -> Counts:
    return {
        count: value - before.get(count, 0)
        for count, value in after.items()
        if value > before.get(count, 0)
    }


def _newest(
    before: Mapping[str, float], edge: Snapshot, steps: Sequence[Snapshot]
) -> dict[str, float]:
    """Return the time of each revision's newest sample; the last step is the edge itself."""
    newest = dict(before)
    seen = list(edge.sampled.items())
    seen += [(life.revision, step.time) for step in steps[:-1] for life in step.lives]
    for revision, time in seen:
        newest[revision] = max(time, newest.get(revision, time))
    return newest


def _restarts(ledger: Ledger, lives: Iterable[Life], time: float) -> dict[str, float]:
    """Return when each pod's last restart was found: where a new process is not its first."""
    processes: dict[str, int] = {}
    for life in lives:
        processes[life.pod] = processes.get(life.pod, 0) + 1
    begun = {life.pod for life in lives if life not in ledger.lives}
    return {**ledger.restarts, **{pod: time for pod in begun if processes[pod] > 1}}
