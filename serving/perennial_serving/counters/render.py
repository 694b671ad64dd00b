"""The totals of all workers in the Prometheus text format, rendered with one `%` of a template."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.double_buffer import DoubleBuffer, Totals, summed
from perennial_serving.counters.families import Labels, Series, families
from perennial_serving.counters.layout import OLDER_VERSIONS, Layout
from perennial_serving.counters.older_versions import OlderVersions
from perennial_serving.counters.shared_memory import SharedMemory

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_Numbers = NDArray[np.int64] | NDArray[np.float64]

_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "%": "%%"})


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The labels of `perennial_model_info`."""

    model: str
    version: str
    digest: str
    tier: str


class Exposition:
    """Renders the series of all workers of the pod; any worker can answer a scrape."""

    def __init__(self, layout: Layout, memories: Sequence[SharedMemory], info: ModelInfo) -> None:
        self._layout = layout
        self._info = info
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
        text: str = self._template % self._in_order(values)
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
        lines: list[str] = [*self._constant()]
        indices: list[int] = []
        for family in families(self._layout, self._names):
            lines += (f"# HELP {family.name} {family.help}", f"# TYPE {family.name} {family.kind}")
            lines += (self._line(family.name, series) for series in family.series)
            indices += (series.index for series in family.series)
        self._template = "\n".join((*lines, ""))
        self._in_order = itemgetter(*indices)

    def _line(self, name: str, series: Series) -> str:
        version = series.version or self._info.version
        labels = _label_set((("version", version), *series.labels))
        return f"{name}{series.suffix}{labels} %s"

    def _constant(self) -> tuple[str, ...]:
        """Return the series that are constant for the life of the process."""
        info = self._info
        labels = (
            ("model", info.model),
            ("version", info.version),
            ("digest", info.digest),
            ("tier", info.tier),
        )
        version = _label_set((("version", info.version),))
        started_help = "Start of counting in seconds since the epoch"
        return (
            "# HELP perennial_model_info The served model and version",
            "# TYPE perennial_model_info gauge",
            f"perennial_model_info{_label_set(labels)} 1",
            f"# HELP perennial_process_start_time_seconds {started_help}",
            "# TYPE perennial_process_start_time_seconds gauge",
            f"perennial_process_start_time_seconds{version} {self._started!r}",
        )


def _label_set(labels: Labels) -> str:
    inside = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
    return f"{{{inside}}}"
