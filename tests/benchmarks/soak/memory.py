"""Memory of a process and its descendants over time, and whether it grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from scipy import stats

from benchmarks.serving.load import family
from harness import programs


class Sample(NamedTuple):
    """What the kernel says at one moment; pages that processes share count once."""

    at: float
    own_kib: int
    """What the processes wrote: the part of the PSS that no file backs."""
    pss_kib: int


@dataclass(frozen=True)
class Slope:
    """A line by least squares."""

    kib_per_minute: float
    error: float
    """Standard error of the slope."""


def sample(pid: int, at: float) -> Sample:
    """Measure now."""
    own = pss = 0
    for each in family(pid):
        lines = programs.read_or_empty(Path(f"/proc/{each}/smaps_rollup")).splitlines()[1:]
        parts = {line.split()[0]: int(line.split()[1]) for line in lines}
        own += parts.get(b"Pss_Anon:", 0) + parts.get(b"Pss_Shmem:", 0)
        pss += parts.get(b"Pss:", 0)
    return Sample(at, own, pss)


def slope(samples: Sequence[Sample]) -> Slope:
    """Return how the processes' own memory changes, from the second half of the time."""
    half = [one for one in samples if one.at >= samples[-1].at / 2]
    if len({one.own_kib for one in half}) == 1:
        return Slope(0.0, 0.0)  # no spread at all has no error that could be computed
    line = stats.linregress([one.at / 60 for one in half], [one.own_kib for one in half])
    return Slope(float(line.slope), float(line.stderr))
