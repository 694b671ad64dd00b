"""Rules of others, re-implemented from their documentation, in the same simulated worlds.

All of them stay ten minutes at each step and are at 100 % after thirty, where nothing fails.
Where a rule needs a fixed number it gets 1.5 %: the very rate that Perennial's limit stands for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from benchmarks.rollout.cells import LOOKS_A_MINUTE, WEIGHTS, Cell
from benchmarks.rollout.traffic import Traffic

MINUTES_A_STEP = 10
MINUTES = MINUTES_A_STEP * len(WEIGHTS)
FIXED_NUMBER = 0.015
LEVEL = 0.01
NORMAL = NormalDist()


@dataclass(frozen=True)
class Seen:
    """Counts of whole rollouts, each of the shape (paths, looks)."""

    events: np.ndarray
    trials: np.ndarray
    stable_events: np.ndarray
    stable_trials: np.ndarray

    def by_minute(self) -> "Seen":
        def added(counts: np.ndarray) -> np.ndarray:
            return counts.reshape(len(counts), -1, LOOKS_A_MINUTE).sum(axis=2)

        return Seen(*map(added, self._all()))

    def cumulated(self) -> "Seen":
        return Seen(*(np.cumsum(counts, axis=1) for counts in self._all()))

    def window(self, minutes: int) -> "Seen":
        """Return sums of the last minutes, from counts by minute."""

        def moving(counts: np.ndarray) -> np.ndarray:
            padded = np.pad(np.cumsum(counts, axis=1), ((0, 0), (minutes, 0)))
            return padded[:, minutes:] - padded[:, :-minutes]

        return Seen(*map(moving, self._all()))

    def rate(self) -> np.ndarray:
        return self.events / np.maximum(self.trials, 1)

    def stable_rate(self) -> np.ndarray:
        return self.stable_events / np.maximum(self.stable_trials, 1)

    def _all(self) -> tuple[np.ndarray, ...]:
        return self.events, self.trials, self.stable_events, self.stable_trials


def simulate(cell: Cell, paths: int) -> Seen:
    traffic, columns = Traffic(cell, cell.random(), paths), []
    for look in range(MINUTES * LOOKS_A_MINUTE):
        step = look // (MINUTES_A_STEP * LOOKS_A_MINUTE)
        weight, ratio = (np.full(paths, each[step]) for each in (WEIGHTS, cell.ratios))
        block = traffic.block(weight, ratio)
        stable = block.stable_events.sum(axis=1), block.stable_trials.sum(axis=1)
        columns.append((block.events, block.trials, *stable))
    return Seen(*(np.stack(counts, axis=1) for counts in zip(*columns, strict=True)))


def argo(seen: Seen) -> np.ndarray:
    """Argo Rollouts: a measurement a minute; the fourth in a step above the number ends it."""
    above = seen.by_minute().rate() > FIXED_NUMBER
    return _first_by_step(above, 4)


def ome(seen: Seen) -> np.ndarray:
    """OME: a rate of 5 minutes, sampled each minute after 2; the third above the number ends it."""
    above = seen.by_minute().window(5).rate() >= FIXED_NUMBER
    above.reshape(len(above), -1, MINUTES_A_STEP)[:, :, :2] = False
    return _first_by_step(above, 3)


def kayenta(seen: Seen) -> np.ndarray:
    """Kayenta: Mann-Whitney by minutes at each step's end, 98 %, tolerance .25."""
    minutes = seen.by_minute()
    ours, theirs = minutes.rate(), minutes.stable_rate()
    ended = np.full(len(ours), np.inf)
    for points in range(MINUTES_A_STEP, MINUTES + 1, MINUTES_A_STEP):
        spread = ours[:, :points, None] - theirs[:, None, :points]
        low, middle = _hodges_lehmann(np.sort(spread.reshape(len(ours), -1), axis=1), points)
        high = (middle > 0) & (low > 0.25 * np.abs(middle))
        ended = np.minimum(ended, np.where(high, points, np.inf))
    return ended


def z_test(seen: Seen) -> np.ndarray:
    """A plain z-test of two rates at 1 %, at every look from 500 requests on."""
    sums = seen.cumulated()
    error = np.sqrt(_pooled_variance(sums))
    z = (sums.rate() - sums.stable_rate()) / error
    return _first((z > NORMAL.inv_cdf(1 - LEVEL)) & (sums.trials >= 500)) / LOOKS_A_MINUTE


def msprt(seen: Seen) -> np.ndarray:
    """mSPRT (Johari et al. 2022): a normal mixture of .005 in units of the rate, at 1 %."""
    sums, tau = seen.cumulated(), 0.005
    variance, difference = _pooled_variance(sums), sums.rate() - sums.stable_rate()
    logs = 0.5 * np.log(variance / (variance + tau**2))
    logs += tau**2 * difference**2 / (2 * variance * (variance + tau**2))
    return _first((logs > -np.log(LEVEL)) & (difference > 0)) / LOOKS_A_MINUTE


def _pooled_variance(sums: Seen) -> np.ndarray:
    trials = sums.trials + sums.stable_trials
    rate = (sums.events + sums.stable_events + 1) / (trials + 2)
    each = 1 / np.maximum(sums.trials, 1) + 1 / np.maximum(sums.stable_trials, 1)
    return rate * (1 - rate) * each


def _hodges_lehmann(ordered: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    pairs = points * points
    spread = np.sqrt(pairs * (2 * points + 1) / 12)
    rank = int(pairs / 2 - NORMAL.inv_cdf(0.99) * spread)
    return ordered[:, max(rank, 0)], np.median(ordered, axis=1)


def _first_by_step(failing: np.ndarray, limit: int) -> np.ndarray:
    """Return the minute in which a step has so many failing samples."""
    steps = failing.reshape(len(failing), -1, MINUTES_A_STEP).cumsum(axis=2)
    return _first((steps >= limit).reshape(len(failing), -1))


def _first(hit: np.ndarray) -> np.ndarray:
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1.0, np.inf)


PEERS: Mapping[str, Callable[[Seen], np.ndarray]] = {
    "Argo Rollouts, threshold": argo,
    "Kayenta, Mann-Whitney": kayenta,
    "plain z-test, every look": z_test,
    "mSPRT": msprt,
    "OME's example rule": ome,
}
