"""Simulated requests: blocks of 15 s of candidate and stable, and the day before."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from benchmarks.rollout.cells import LOOKS_A_MINUTE, Cell, Noise, ShiftCell
from perennial.statistics.dispersion import DispersionSums, between_pods, between_pods_of_mix

CLUSTER = 3.0
SHOCK_SD, SHOCK_MEMORY = 0.4, 0.9  # of the logarithm of the rate, from minute to minute
DAY = 24 * 60
HISTORIES = 200
BINS = np.array([0.25, 0.15, 0.12, 0.10, 0.09, 0.08, 0.07, 0.06, 0.05, 0.03])


@dataclass(frozen=True)
class Block:
    """Counts of one block; stable's by pod."""

    events: np.ndarray  # (paths,)
    trials: np.ndarray
    stable_events: np.ndarray  # (paths, pods)
    stable_trials: np.ndarray


def counts(random: np.random.Generator, mean: np.ndarray, noise: Noise) -> np.ndarray:
    """Return counts with the given means: Poisson, or clusters of geometric size."""
    if noise is not Noise.CLUSTERS:
        return random.poisson(mean).astype(float)
    clusters = random.poisson(mean / CLUSTER)
    sizes = clusters.astype(float)
    some = clusters > 0
    sizes[some] += random.negative_binomial(clusters[some], 1 / CLUSTER)
    return sizes


@dataclass
class Traffic:
    """Requests of many rollouts of one cell, block after block."""

    cell: Cell
    random: np.random.Generator
    paths: int
    shock: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.shock = self.random.normal(0, SHOCK_SD, self.paths)

    def block(self, weight: np.ndarray, ratio: np.ndarray) -> Block:
        """Return the next block, by the candidate's weight and ratio of rates on each path."""
        cell, a_block = self.cell, self.cell.per_minute / 0.05 / LOOKS_A_MINUTE
        rate = self._rate()
        trials = self.random.poisson(a_block * weight).astype(float)
        events = trials
        if not cell.all_fail:
            events = counts(self.random, a_block * weight * rate * ratio, cell.noise)
        a_pod = np.repeat((a_block * (1 - weight) / cell.pods)[:, None], cell.pods, axis=1)
        pod_trials = self.random.poisson(a_pod).astype(float)
        pod_events = counts(self.random, a_pod * rate[:, None], cell.noise)
        return Block(
            events, np.maximum(trials, events), pod_events, np.maximum(pod_trials, pod_events)
        )

    def take(self, alive: np.ndarray) -> None:
        """Go on with some of the paths only."""
        self.shock, self.paths = self.shock[alive], int(alive.sum())

    def _rate(self) -> np.ndarray:
        if self.cell.noise is not Noise.SHOCKS:
            return np.full(self.paths, self.cell.base)
        memory = SHOCK_MEMORY ** (1 / LOOKS_A_MINUTE)
        fresh = self.random.normal(0, SHOCK_SD * np.sqrt(1 - memory**2), self.paths)
        self.shock = memory * self.shock + fresh
        return self.cell.base * np.exp(self.shock)


def history(cell: Cell, paths: int) -> DispersionSums:
    """Return what the day before tells of the dispersion of stable's errors."""
    if not cell.known:
        return DispersionSums.none(paths)
    days = _days(cell.noise, cell.per_minute, cell.pods, cell.base)
    return days.take(np.arange(paths) % HISTORIES)


@cache
def _days(noise: Noise, per_minute: int, pods: int, base: float) -> DispersionSums:
    random = np.random.default_rng([per_minute, pods, list(Noise).index(noise)])
    a_pod = per_minute / 0.05 / pods
    sums = DispersionSums.none(HISTORIES)
    for _ in range(24):  # an hour at a time, for memory
        shape = (HISTORIES, DAY // 24, pods)
        rate = base * np.ones(shape[:2])
        if noise is Noise.SHOCKS:
            rate *= np.exp(random.normal(0, SHOCK_SD, shape[:2]))
        events = counts(random, np.broadcast_to(a_pod * rate[..., None], shape), noise)
        sums += between_pods(events, np.maximum(random.poisson(a_pod, shape), events))
    return sums


def tilted(mix: np.ndarray, shift: float) -> np.ndarray:
    """Return a distribution with just this population stability index from the given one."""
    slope = np.linspace(-1, 1, len(mix))
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        other = mix * np.exp(middle * slope)
        other /= other.sum()
        index = float(((other - mix) * np.log(other / mix)).sum())
        low, high = (middle, high) if index < shift else (low, middle)
    return other if shift else mix


def mix_at(cell: ShiftCell, look: int) -> np.ndarray:
    """Return stable's distribution at a look: callers may change during the rollout."""
    hours = look / LOOKS_A_MINUTE / 60
    mix = BINS * np.exp(cell.drift * hours * np.linspace(1, -1, len(BINS)))
    return mix / mix.sum()


def known_mix_dispersion(cell: ShiftCell, paths: int, pods: int = 19) -> np.ndarray:
    """Return what two hours before tell of the dispersion of bins, one number for each path."""
    random = cell.random()
    a_pod = cell.per_minute / 0.05 / pods * BINS
    rows = counts(random, np.broadcast_to(a_pod, (50, 120, pods, len(BINS))), cell.noise)
    known = between_pods_of_mix(rows).estimate()
    return known[np.arange(paths) % len(known)]
