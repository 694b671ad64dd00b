"""The totals of all workers in the Prometheus text format, rendered with one `%` of a template."""

from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.constants import ModelInfo, constant_lines, label_set
from perennial_serving.counters.double_buffer import DoubleBuffer, Totals, summed
from perennial_serving.counters.families import Series, families
from perennial_serving.counters.layout import OLDER_VERSIONS, Layout
from perennial_serving.counters.older_versions import OlderVersions
from perennial_serving.counters.shared_memory import SharedMemory

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_Numbers = NDArray[np.int64] | NDArray[np.float64]

_DEATHS: Final = "perennial_worker_deaths_total"


class Exposition:
    """Renders the series of all workers of the pod; any worker can answer a scrape."""

    def __init__(self, layout: Layout, memories: Sequence[SharedMemory], info: ModelInfo) -> None:
        self._layout = layout
        self._info = info
        self._memories = memories
        self._started = min(memory.started for memory in memories)
        self._buffers = [DoubleBuffer(layout, memory) for memory in memories]
        self._older = [OlderVersions(memory) for memory in memories]
        self._names: tuple[str, ...] = ()
        self._write_template()

    def text(self) -> bytes:
        """Return all series with their current values."""
        named = [older.names for older in self._older]
        names = tuple(dict.fromkeys(chain.from_iterable(named)))
        if names != self._names:
            self._names = names
            self._write_template()
        parts = [buffer.read() for buffer in self._buffers]
        values = self._plain(summed(parts)) + self._of_labels(parts, named)
        deaths = sum(memory.deaths for memory in self._memories)
        text: str = self._template % (deaths, *self._in_order(values))
        return text.encode()

    def _plain(self, totals: Totals) -> list[float]:
        """Return all values that do not come from feedback; histogram buckets are cumulative."""
        layout = self._layout
        seconds = totals.counts[layout.counts.seconds]
        np.cumsum(seconds, out=seconds)
        counts: list[float] = totals.counts[: layout.counts.labels.start].tolist()
        sums: list[float] = totals.sums[: layout.sums.over.start].tolist()
        return counts + sums

    def _of_labels(self, parts: Sequence[Totals], named: Sequence[Sequence[str]]) -> list[float]:
        """Return labels and errors by version: each worker numbers older versions by itself."""
        counts, sums = self._layout.counts, self._layout.sums
        values = self._by_version([totals.counts[counts.labels] for totals in parts], named)
        for part in (sums.over, sums.under, sums.squared_errors):
            values += self._by_version([totals.sums[part] for totals in parts], named)
        return values

    def _by_version(self, part: Sequence[_Numbers], named: Sequence[Sequence[str]]) -> list[float]:
        lines = [numbers.reshape(1 + OLDER_VERSIONS, -1) for numbers in part]
        merged = np.zeros((1 + len(self._names), lines[0].shape[1]), lines[0].dtype)
        for versions, names in zip(lines, named, strict=True):
            merged[0] += versions[0]
            for position, name in enumerate(names, start=1):
                merged[1 + self._names.index(name)] += versions[position]
        values: list[float] = merged.ravel().tolist()
        return values

    def _write_template(self) -> None:
        constant = constant_lines(self._info, self._layout.profile, self._started)
        lines: list[str] = [*constant, *self._deaths()]
        indices: list[int] = []
        for family in families(self._layout, self._names):
            lines += (f"# HELP {family.name} {family.help}", f"# TYPE {family.name} {family.kind}")
            lines += (self._line(family.name, series) for series in family.series)
            indices += (series.index for series in family.series)
        self._template = "\n".join((*lines, ""))
        self._in_order = itemgetter(*indices)

    def _line(self, name: str, series: Series) -> str:
        labels = (*self._info.identity(series.version), *series.labels)
        return f"{name}{series.suffix}{label_set(labels)} %s"

    def _deaths(self) -> Iterator[str]:
        """Yield the only family that the supervisor counts; its value precedes all others."""
        yield f"# HELP {_DEATHS} Workers that ended unexpectedly after the server was ready"
        yield f"# TYPE {_DEATHS} counter"
        yield f"{_DEATHS}{label_set(self._info.identity())} %s"
