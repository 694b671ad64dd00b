"""The lives of pods and their scrapes, and what Prometheus answers about them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from perennial.prometheus.answer import Sample, Series
from perennial.prometheus.families import REQUESTS, START
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import Block, Increments, close
from perennial.prometheus.ledger import Ledger, Span, Window, begin, needed_samples
from perennial.prometheus.queries import SAMPLE_TIME, SeriesLabels
from perennial.prometheus.snapshots import Snapshot, snapshots

LABELS = SeriesLabels()


@dataclass
class Process:
    """One process of a pod; it answered a request with code `code` at each of the times."""

    start: float
    end: float
    answered: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def counts(self, at: float) -> dict[str, int]:
        """Return what it tells a scrape at this time; a code is absent before its first answer."""
        counts = {code: sum(time <= at for time in times) for code, times in self.answered.items()}
        return {code: count for code, count in counts.items() if count}


@dataclass
class ScrapedPod:
    """The processes of a pod, one after the other, and when each job scrapes it."""

    name: str
    revision: str
    processes: tuple[Process, ...]
    scrapes: Mapping[str, tuple[float, ...]]
    """Job: times."""
    more_labels: Mapping[str, str] = field(default_factory=dict)

    def alive(self, at: float) -> Process | None:
        """Return the process that answers a scrape at this time."""
        return next((one for one in self.processes if one.start <= at < one.end), None)

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """All samples of all series, as Prometheus stores them."""
        return tuple(self._series())

    def _series(self) -> Iterable[Series]:
        for job, times in self.scrapes.items():
            samples: dict[tuple[tuple[str, str], ...], list[Sample]] = {}
            for time in sorted(times):
                process = self.alive(time)
                for labels, value in self._exposition(process, time) if process else ():
                    samples.setdefault(labels, []).append((time, value))
            for labels, found in samples.items():
                yield Series({**dict(labels), **self._added(job)}, tuple(found))

    def _added(self, job: str) -> dict[str, str]:
        own = {"deployment": "churn", "revision": self.revision, "version": "churn-1"}
        return {"namespace": "team-a", "pod": self.name, "job": job, **own, **self.more_labels}

    @staticmethod
    def _exposition(process: Process, time: float):
        yield (("__name__", START),), process.start
        for code, count in process.counts(time).items():
            outcome = {"2": "answered", "4": "refused", "5": "failed"}[code[0]]
            yield (("__name__", REQUESTS), ("code", code), ("outcome", outcome)), float(count)


def answer_edges(pods: Iterable[ScrapedPod], grid: Grid, first: int, last: int) -> list[Series]:
    """Return what the query for the edges finds: the last samples, and when they were taken."""
    edges = [grid.edge(index) for index in range(first, last + 1)]
    found = []
    for pod in pods:
        for series in pod.series:
            held = [(edge, _last(series, edge, grid.lookback)) for edge in edges]
            found.append(_kept(series.labels, [(e, s[1]) for e, s in held if s]))
            if series.labels["__name__"] == START:
                tried = pod.scrapes[series.labels["job"]]
                times = [(e, s[0]) for e, s in held if s and not _failed(tried, s[0], e)]
                found.append(_kept(_as_sample_time(series.labels), times))
    return [series for series in found if series.samples]


def _last(series: Series, edge: float, lookback: float) -> Sample | None:
    past = [one for one in series.samples if edge - lookback < one[0] <= edge]
    return past[-1] if past else None


def _failed(tried: Iterable[float], after: float, until: float) -> bool:
    """A scrape that fails ends the series for `timestamp`, not for `last_over_time`."""
    return any(after < time <= until for time in tried)


def _kept(labels: Mapping[str, str], samples: Iterable[tuple[float, float]]) -> Series:
    return Series(labels, tuple(samples))


def _as_sample_time(labels: Mapping[str, str]) -> dict[str, str]:
    unnamed = {name: value for name, value in labels.items() if name != "__name__"}
    return {**unnamed, SAMPLE_TIME: "1"}


def raw_samples(pods: Iterable[ScrapedPod], needed: Span) -> list[Series]:
    """Return what the query for raw samples finds: both ends are in it."""
    found = []
    for series in (one for pod in pods if pod.name in needed.pods for one in pod.series):
        inside = [one for one in series.samples if needed.since <= one[0] <= needed.until]
        found.append(_kept(series.labels, inside))
    return [series for series in found if series.samples]


def read(pods: Iterable[ScrapedPod], window: Window, last: int, at_once: int = 1000) -> list[Block]:
    """Return the blocks 1 to `last`, read some at once."""
    pods, grid = tuple(pods), window.grid
    ledger: Ledger | None = None
    blocks: list[Block] = []
    while ledger is None or ledger.block < last:
        first = 0 if ledger is None else ledger.block + 1
        until = min(last, first + at_once)
        answer = snapshots(answer_edges(pods, grid, first, until), LABELS)
        known = {grid.nearest_edge(one.time): one for one in answer}
        for index in range(first, until + 1):
            edge = known.get(index, Snapshot(grid.edge(index)))
            raw = snapshots(raw_samples(pods, needed_samples(grid, ledger, edge)), LABELS)
            if ledger is None:
                ledger = begin(window, edge, raw)
            else:
                ledger, block = close(window, ledger, edge, raw)
                blocks.append(block)
    return blocks


def requests(blocks: Iterable[Block], revision: str) -> Counter[str]:
    """Return the requests of a revision by code, over all blocks with data."""
    counts: Counter[str] = Counter()
    for found in (block.of(revision) for block in blocks):
        for count, value in found.total.items() if isinstance(found, Increments) else ():
            if count.family == REQUESTS:
                counts[count.labels[1]] += value
    return counts
