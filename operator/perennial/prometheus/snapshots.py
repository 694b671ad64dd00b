"""What Prometheus knew of each process at one moment, over all scrapes of it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from perennial.prometheus.answer import Series
from perennial.prometheus.families import COUNTERS, IDENTITY, OWN_LABELS, SCORE_EDGE, START
from perennial.prometheus.queries import SAMPLE_TIME, SeriesLabels

_RENAMED = "exported_"
_NAME = "__name__"
_MAY_BE_RENAMED = frozenset(
    _RENAMED + label for labels in (IDENTITY, *OWN_LABELS.values()) for label in labels
)


class Hint(StrEnum):
    """Why series cannot be used; each names the remedy."""

    RENAMED = (
        "Prometheus has renamed the server's labels to `exported_*`: "
        "do not copy pod labels named deployment, revision or bin onto series"
    )
    NO_POD = "series lack the label that names the pod: keep it when relabelling"
    NO_START = f"the series {START} is missing: keep it when relabelling"
    NOT_A_COUNT = "a counter or a start time is negative or not a number"


_OF_ONE_SERIES = (_NAME, SAMPLE_TIME, "version", "exported_version")
"""Labels that a series need not share with the others of its scrape."""


class Life(NamedTuple):
    """One process of a pod, from its start until it ends."""

    revision: str
    pod: str
    start: float


class Count(NamedTuple):
    """One counter of a process: its family and the values of its own labels."""

    family: str
    labels: tuple[str, ...] = ()


class ScoreBin(NamedTuple):
    """One bin of a score: of `prediction` or of `confidence`."""

    score: str
    bin: str


@dataclass(frozen=True)
class Snapshot:
    """The counters of all processes at one moment."""

    time: float
    lives: Mapping[Life, Mapping[Count, float]] = field(default_factory=dict)
    sampled: Mapping[str, float] = field(default_factory=dict)
    """Revision: the time of its newest sample."""
    score_edges: Mapping[str, Mapping[ScoreBin, float]] = field(default_factory=dict)
    """Revision: the upper end of each score bin."""
    hints: frozenset[Hint] = frozenset()


class _Target(NamedTuple):
    """One scrape of one pod: the labels that all of its series share."""

    revision: str
    pod: str
    rest: frozenset[tuple[str, str]]


class _Moment:
    """Collects the samples of one moment, still apart by scrape."""

    def __init__(self) -> None:
        self.starts: dict[_Target, float] = {}
        self.counts: dict[_Target, dict[Count, float]] = defaultdict(dict)
        self.score_edges: dict[str, dict[ScoreBin, float]] = defaultdict(dict)
        self.sampled: dict[str, float] = {}
        self.hints: set[Hint] = set()

    def put(self, name: str, target: _Target, labels: tuple[str, ...], value: float) -> None:
        if name == SAMPLE_TIME:
            self.sampled[target.revision] = max(value, self.sampled.get(target.revision, value))
        elif name == START and math.isfinite(value):
            self.starts[target] = value
        elif name == SCORE_EDGE:
            self.score_edges[target.revision][ScoreBin(*labels)] = value
        elif name in COUNTERS and 0 <= value < math.inf:
            self.counts[target][Count(name, labels)] = value
        else:
            self.hints.add(Hint.NOT_A_COUNT)

    def snapshot(self, time: float) -> Snapshot:
        lives: dict[Life, dict[Count, float]] = {}
        for target, start in self.starts.items():
            life = lives.setdefault(Life(target.revision, target.pod, start), {})
            for count, value in self.counts.get(target, {}).items():
                life[count] = max(value, life.get(count, 0))
        if not self.counts.keys() <= self.starts.keys():
            self.hints.add(Hint.NO_START)
        return Snapshot(time, lives, self.sampled, self.score_edges, frozenset(self.hints))


def snapshots(answer: Iterable[Series], labels: SeriesLabels) -> tuple[Snapshot, ...]:
    """Return one snapshot for each time of the answer, in order of time.

    A pod that is scraped twice is one process: of equal counters the greatest counts.
    """
    moments: dict[float, _Moment] = defaultdict(_Moment)
    for series in answer:
        _put(series, labels, moments)
    return tuple(moments[time].snapshot(time) for time in sorted(moments))


def _put(series: Series, labels: SeriesLabels, moments: Mapping[float, _Moment]) -> None:
    name = SAMPLE_TIME if SAMPLE_TIME in series.labels else series.labels.get(_NAME, "")
    own = OWN_LABELS.get(name, ())
    hint = _unusable(series.labels, labels, own)
    if hint:
        for time, _ in series.samples:
            moments[time].hints.add(hint)
        return
    values = tuple(series.labels.get(label, "") for label in own)
    target = _target(series.labels, labels, own)
    for time, value in series.samples:
        moments[time].put(name, target, values, value)


def _unusable(labels: Mapping[str, str], scrape: SeriesLabels, own: tuple[str, ...]) -> Hint | None:
    if not _MAY_BE_RENAMED.isdisjoint(labels) and any(
        _RENAMED + label in labels for label in (*IDENTITY, *own)
    ):
        return Hint.RENAMED
    return None if labels.get(scrape.pod) else Hint.NO_POD


def _target(labels: Mapping[str, str], scrape: SeriesLabels, own: tuple[str, ...]) -> _Target:
    rest = dict(labels)
    pod, revision = rest.pop(scrape.pod), rest.pop("revision", "")
    for label in (*_OF_ONE_SERIES, *own):
        rest.pop(label, None)
    return _Target(revision, pod, frozenset(rest.items()))
