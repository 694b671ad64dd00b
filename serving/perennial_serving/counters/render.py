"""All workers' counts as one text for Prometheus: a template that is filled in one stroke."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.double_buffer import Bank, Banks, total
from perennial_serving.counters.families import Labels, Series, families
from perennial_serving.counters.layout import OLDER_VERSIONS, Layout
from perennial_serving.counters.older_versions import OlderVersions
from perennial_serving.counters.shared_memory import Slab

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_Numbers = NDArray[np.int64] | NDArray[np.float64]

_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "%": "%%"})


@dataclass(frozen=True, slots=True)
class Served:
    """What is served, as the metrics say it."""

    model: str
    version: str
    digest: str
    tier: str


class Exposition:
    """The text of all series, which every worker can give for all of them."""

    def __init__(self, layout: Layout, slabs: Sequence[Slab], served: Served) -> None:
        """Look at the slabs of all workers."""
        self._layout = layout
        self._served = served
        self._started = min(slab.started for slab in slabs)
        self._banks = [Banks(layout, slab) for slab in slabs]
        self._older = [OlderVersions(slab) for slab in slabs]
        self._names: tuple[str, ...] = ()
        self._write_template()

    def text(self) -> bytes:
        """Return every series as it stands now."""
        named = [older.names for older in self._older]
        names = tuple(dict.fromkeys(name for one in named for name in one))
        if names != self._names:
            self._names = names
            self._write_template()
        banks = [banks.read() for banks in self._banks]
        values = self._plain(total(banks)) + self._of_labels(banks, named)
        text: str = self._template % self._in_order(values)
        return text.encode()

    def _plain(self, bank: Bank) -> list[float]:
        """Return what is no matter of labels; a histogram counts all that is smaller as well."""
        layout = self._layout
        seconds = bank.counts[layout.counts.seconds]
        np.cumsum(seconds, out=seconds)
        counts: list[float] = bank.counts[: layout.counts.labels.start].tolist()
        sums: list[float] = bank.sums[: layout.sums.over.start].tolist()
        return counts + sums

    def _of_labels(self, banks: Sequence[Bank], named: Sequence[Sequence[str]]) -> list[float]:
        """Return labels and errors by version: workers met older versions in other orders."""
        counts, sums = self._layout.counts, self._layout.sums
        values = self._by_version([bank.counts[counts.labels] for bank in banks], named)
        for part in (sums.over, sums.under, sums.squared_errors):
            values += self._by_version([bank.sums[part] for bank in banks], named)
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
        places: list[int] = []
        for family in families(self._layout, self._names):
            lines += (f"# HELP {family.name} {family.help}", f"# TYPE {family.name} {family.kind}")
            lines += (self._line(family.name, series) for series in family.series)
            places += (series.place for series in family.series)
        self._template = "\n".join((*lines, ""))
        self._in_order = itemgetter(*places)

    def _line(self, name: str, series: Series) -> str:
        version = series.version or self._served.version
        labels = _spelled((("version", version), *series.labels))
        return f"{name}{series.suffix}{labels} %s"

    def _constant(self) -> tuple[str, ...]:
        """Return what does not change while the process lives."""
        served = self._served
        info = (
            ("model", served.model),
            ("version", served.version),
            ("digest", served.digest),
            ("tier", served.tier),
        )
        version = _spelled((("version", served.version),))
        return (
            "# HELP perennial_model_info The model that is served",
            "# TYPE perennial_model_info gauge",
            f"perennial_model_info{_spelled(info)} 1",
            "# HELP perennial_process_start_time_seconds Since when counts are taken",
            "# TYPE perennial_process_start_time_seconds gauge",
            f"perennial_process_start_time_seconds{version} {self._started!r}",
        )


def _spelled(labels: Labels) -> str:
    inside = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
    return f"{{{inside}}}"
