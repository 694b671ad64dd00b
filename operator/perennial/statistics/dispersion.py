"""How much more counts vary between pods, or between blocks, than independent events would."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.blocks import Counts, checked
from perennial.statistics.verdict import BoolArray, FloatArray, IntArray

UNKNOWN = 3.0  # assumed until something is known
PRIOR_DEGREES = 20.0  # how many degrees of freedom that assumption is worth
_MANY: Final = 1e300  # so many events that they do not limit what is known
DOUBT = 2.0  # standard errors that the dispersion during a rollout has to exceed history


@dataclass(frozen=True, slots=True)
class DispersionSums:
    """Pearson's statistic, taken apart so that it can be added up; each array (paths,).

    `squares` are squared deviations from what independent events would give, `expected` their
    expectation, `degrees` the degrees of freedom and `events` the events they come from.
    """

    squares: FloatArray
    expected: FloatArray
    degrees: FloatArray
    events: FloatArray

    @classmethod
    def none(cls, paths: int = 1) -> "DispersionSums":
        """Return the sums of no data at all."""
        return cls(*(np.zeros(paths) for _ in range(4)))

    @classmethod
    def known_as(cls, dispersion: float, degrees: float) -> "DispersionSums":
        """Return sums whose raw estimate is `dispersion`, worth so many degrees of freedom."""
        values = (dispersion, 1.0, degrees, _MANY)
        return cls(*(np.array([value]) for value in values))

    @classmethod
    def of_blocks(cls, blocks: Sequence[tuple[float, float, float, float]]) -> "DispersionSums":
        """Return the sums of consecutive blocks, in the order of the fields, shape (blocks,)."""
        array = np.asarray(blocks, dtype=np.float64).reshape(len(blocks), 4)
        return cls(*array.T)

    def __add__(self, other: "DispersionSums") -> "DispersionSums":
        """Return the sums of both."""
        return DispersionSums(
            self.squares + other.squares,
            self.expected + other.expected,
            self.degrees + other.degrees,
            self.events + other.events,
        )

    def take(self, paths: BoolArray | IntArray) -> "DispersionSums":
        """Return some of the paths, or one path several times."""
        return DispersionSums(
            self.squares[paths], self.expected[paths], self.degrees[paths], self.events[paths]
        )

    def cumulated(self) -> "DispersionSums":
        """Return the sums of all blocks up to each one."""
        return DispersionSums(
            np.cumsum(self.squares),
            np.cumsum(self.expected),
            np.cumsum(self.degrees),
            np.cumsum(self.events),
        )

    def flat(self) -> "DispersionSums":
        """Return the sums of the blocks of one path as if they were paths."""
        if len(self.squares) != 1:
            raise ValueError(f"only one path can be taken block by block, not {len(self.squares)}")
        return DispersionSums(self.squares[0], self.expected[0], self.degrees[0], self.events[0])

    def known(self) -> FloatArray:
        """Return the degrees of freedom that the estimate is worth, shape (paths,).

        Pearson's statistic of Poisson counts with mean m has the variance 2 + 1/m for each
        degree: few events tell little, however many blocks they are spread over.
        """
        variance = 1 / np.maximum(self.degrees, 1e-300) + 1 / np.maximum(2 * self.events, 1e-300)
        return np.asarray(1 / variance)

    def estimate(self) -> FloatArray:
        """Return the dispersion, at least 1, drawn towards 3 by what is not known.

        Shape (paths,). The 3 counts as much as 20 degrees of freedom; a day of statistics is
        usually worth thousands.
        """
        return self.estimate_from(np.full(len(self.squares), UNKNOWN))

    def estimate_from(self, prior: FloatArray) -> FloatArray:
        """Return the dispersion, at least 1, drawn towards the prior of each path."""
        known = self.known()
        raw = self.squares / np.maximum(self.expected, 1e-300)
        drawn = (known * raw + PRIOR_DEGREES * prior) / (known + PRIOR_DEGREES)
        return np.maximum(drawn, 1.0)


def in_force(history: DispersionSums, present: DispersionSums) -> FloatArray:
    """Return the dispersion to judge by: history's, or more if the rollout itself shows more.

    Shape (paths,), or that of both broadcast. Two standard errors are granted to chance; without
    history none, since what is learned inside a rollout is never used to assume less.
    """
    before = history.known()
    granted = DOUBT * before / (before + PRIOR_DEGREES)
    error = np.sqrt(2 / np.maximum(present.known(), PRIOR_DEGREES))
    known = history.estimate()
    now = present.estimate_from(known) * np.maximum(1 - granted * error, 0)
    return np.maximum(known, now)


def between_pods(events: Counts, trials: Counts) -> DispersionSums:
    """Return the sums of pods beside each other, shape (blocks, pods) or (paths, blocks, pods).

    Given the events X of a block, independent ones fall to pods by their shares f of the trials:
    the expectation of the sum of (x - X f)^2 is X (1 - sum of f^2). What changes the rate of all
    pods at once is no dispersion: the test of ratios is immune to it.
    """
    return _summed(_by_block(checked("events", events, 3), checked("trials", trials, 3)))


def by_block(events: Counts, trials: Counts) -> DispersionSums:
    """Return the sums of pods beside each other, block by block: (blocks, pods) to (blocks,).

    `in_force(history, by_block(events, trials).cumulated())` is the dispersion at each look.
    """
    return _by_block(checked("events", events, 3), checked("trials", trials, 3)).flat()


def _by_block(x: FloatArray, n: FloatArray) -> DispersionSums:
    shares = n / np.maximum(n.sum(axis=-1, keepdims=True), 1e-300)
    total = x.sum(axis=-1)
    squares = ((x - total[..., None] * shares) ** 2).sum(axis=-1)
    expected = total * (1 - (shares**2).sum(axis=-1))
    degrees = np.where(total > 0, (n > 0).sum(axis=-1) - 1.0, 0.0)
    return DispersionSums(squares, expected, degrees, total)


def between_blocks(events: Counts, trials: Counts) -> DispersionSums:
    """Return the sums of consecutive blocks of one series, shape (blocks,) or (paths, blocks).

    The way for a single pod, or where there is no baseline beside: it counts what changes from
    block to block as dispersion, so it errs on the careful side.
    """
    x, n = checked("events", events, 2), checked("trials", trials, 2)
    pairs = [np.stack([a[:, :-1], a[:, 1:]], axis=-1) for a in (x, n)]
    return _summed(_by_block(pairs[0], pairs[1]))


def between_pods_of_mix(counts: Counts) -> DispersionSums:
    """Return the sums of distributions: (blocks, pods, bins) or (paths, blocks, pods, bins).

    The dispersion of bins between pods whose rows are drawn from one distribution (the design
    effect of Rao and Scott 1981, from pods as clusters).
    """
    return _summed(_mix_by_block(checked("counts", counts, 4)))


def mix_by_block(counts: Counts) -> DispersionSums:
    """Return the sums of distributions, block by block: (blocks, pods, bins) to (blocks,)."""
    return _mix_by_block(checked("counts", counts, 4)).flat()


def _mix_by_block(x: FloatArray) -> DispersionSums:
    rows = x.sum(axis=-1, keepdims=True)
    every = np.maximum(rows.sum(axis=-2, keepdims=True), 1e-300)
    mix, shares = x.sum(axis=-2, keepdims=True) / every, rows / every
    squares = ((x - rows * mix) ** 2).sum(axis=(-2, -1))
    expected = (mix * (1 - mix)).sum(axis=(-2, -1)) * (rows * (1 - shares)).sum(axis=(-2, -1))
    pods, bins = ((counts > 0).sum(axis=(-2, -1)) - 1.0 for counts in (rows, mix))
    return DispersionSums(squares, expected, pods.clip(0) * bins.clip(0), rows.sum(axis=(-2, -1)))


def _summed(sums: DispersionSums) -> DispersionSums:
    return DispersionSums(
        sums.squares.sum(axis=1),
        sums.expected.sum(axis=1),
        sums.degrees.sum(axis=1),
        sums.events.sum(axis=1),
    )
