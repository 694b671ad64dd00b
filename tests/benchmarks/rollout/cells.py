"""The rollouts that are simulated: each cell is one world, one fault, one amount of traffic."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

WEIGHTS = np.array([0.05, 0.25, 0.50])
LOOKS = 480  # two hours of blocks of 15 s
LOOKS_A_MINUTE = 4
RATES = (10, 60, 300, 3000)  # candidate requests a minute at 5 %
PODS = (19, 2)


class Noise(StrEnum):
    """How events come together."""

    INDEPENDENT = "independent"
    SHOCKS = "shared shocks"  # an autoregressive rate, the same for both revisions
    CLUSTERS = "clusters of 3"


@dataclass(frozen=True)
class Cell:
    """One world in which many rollouts are simulated; `ratios` are by step."""

    name: str
    noise: Noise = Noise.INDEPENDENT
    per_minute: int = 300
    pods: int = 19
    base: float = 0.01
    ratios: tuple[float, float, float] = (1.0, 1.0, 1.0)
    all_fail: bool = False
    known: bool = True
    floor: float = 0.001

    def random(self) -> np.random.Generator:
        """Return the generator of this cell: the same in every run."""
        return np.random.default_rng(zlib.crc32(repr(self).encode()))


@dataclass(frozen=True)
class ShiftCell:
    """One world in which the candidate's distribution differs by a known index."""

    name: str
    shift: float
    noise: Noise = Noise.INDEPENDENT
    per_minute: int = 300
    drift: float = 0.0  # how far the mix of all callers moves in an hour

    def random(self) -> np.random.Generator:
        """Return the generator of this cell: the same in every run."""
        return np.random.default_rng(zlib.crc32(repr(self).encode()))


def healthy() -> Iterator[Cell]:
    for noise in Noise:
        for per_minute in RATES:
            for pods in PODS:
                yield Cell("healthy", noise, per_minute, pods)


def faults() -> Iterator[Cell]:
    for noise in Noise:
        for per_minute in RATES:
            yield Cell("twice the errors", noise, per_minute, ratios=(2.0, 2.0, 2.0))
    for noise in Noise:
        yield Cell("half more errors", noise, ratios=(1.5, 1.5, 1.5))
        for per_minute in (60, 300, 3000):
            yield Cell("twice in the last step", noise, per_minute, ratios=(1.0, 1.0, 2.0))


def unusual() -> Iterator[Cell]:
    nothing_known = Cell("healthy, dispersion unknown", known=False)
    yield nothing_known
    yield replace(nothing_known, noise=Noise.CLUSTERS)
    yield replace(nothing_known, name="twice the errors, dispersion unknown", ratios=(2.0,) * 3)
    for per_minute in (60, 300, 3000):
        yield Cell("no errors at all", per_minute=per_minute, base=0.0)
    yield Cell("rare errors (.0001)", base=0.0001)
    yield Cell("at the floor (.0001, then .001)", base=0.0001, ratios=(10.0,) * 3)
    yield Cell("above the floor (.0001, then .002)", base=0.0001, ratios=(20.0,) * 3)
    for known in (True, False):
        yield Cell("every request fails", per_minute=10, all_fail=True, known=known)
    yield Cell("every request fails", all_fail=True, known=False)


def shifts() -> Iterator[ShiftCell]:
    for noise in (Noise.INDEPENDENT, Noise.CLUSTERS):
        for shift in (0.0, 0.05, 0.10, 0.20, 0.55, 2.0):
            yield ShiftCell(f"shift {shift:.2f}", shift, noise)
    for per_minute in (60, 3000):
        yield ShiftCell("shift 0.10", 0.10, Noise.INDEPENDENT, per_minute)
    yield ShiftCell("shift 0.10", 0.10, Noise.CLUSTERS, 3000)
    yield ShiftCell("no shift, callers change", 0.0, drift=1.0)
