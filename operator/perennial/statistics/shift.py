"""Whether the candidate predicts another distribution than stable: a fold over blocks."""

import math
from dataclasses import dataclass, field

import numpy as np

from perennial.statistics.blocks import Counts, checked
from perennial.statistics.sequential import Evidence, Levels, Starts, mixed_over_starts
from perennial.statistics.verdict import BoolArray, FloatArray, IntArray

PACE = 1 / 2000  # the test is sharpest after some thousand effective rows
PSEUDO_COUNT = 0.5
FAR = -6.0  # standard deviations
_ERF = np.frompyfunc(math.erf, 1, 1)


@dataclass(frozen=True, slots=True)
class ShiftRule:
    """The rule of a gate that compares distributions: classes, or bins of a score.

    The shift is the population stability index, sum of (q - p) log(q / p), without the part that
    chance adds. The gate fails when a shift of `limit` or less is ruled out, and passes when a
    shift of `limit` or more is.
    """

    limit: float = 0.10
    levels: Levels = field(default_factory=Levels)
    min_samples: int = 500
    steps: int = 1

    def __post_init__(self) -> None:
        """Refuse a rule that could never decide."""
        if self.limit <= 0:
            raise ValueError(f"limit must be above 0, not {self.limit}")
        if self.steps < 1 or self.min_samples < 0:
            raise ValueError("steps must be at least 1 and min_samples at least 0")


@dataclass(frozen=True, slots=True)
class MixBlocks:
    """Rows of both revisions by bin; each array has the shape (paths, blocks, bins)."""

    candidate: FloatArray
    stable: FloatArray

    @classmethod
    def of(cls, candidate: Counts, stable: Counts) -> "MixBlocks":
        """Return blocks of checked counts; (blocks, bins) is one path."""
        arrays = checked("candidate", candidate, 3), checked("stable", stable, 3)
        if arrays[0].shape != arrays[1].shape:
            raise ValueError(f"bins differ: candidate {arrays[0].shape}, stable {arrays[1].shape}")
        if arrays[0].shape[-1] < 2:  # noqa: PLR2004 - one bin has no distribution
            raise ValueError("a distribution needs two bins or more")
        return cls(*arrays)

    def at(self, which: slice | BoolArray) -> "MixBlocks":
        """Return some of the blocks of all paths."""
        return MixBlocks(self.candidate[:, which], self.stable[:, which])


@dataclass(frozen=True, slots=True)
class ShiftState:
    """All that a test remembers of the blocks it has seen, for each path.

    `totals` (paths, 2 bins + 1): the candidate's rows by bin, stable's rows by bin at the
    candidate's pace, and the sum of squares that gives their weight.
    """

    totals: FloatArray
    starts: Starts

    def begin_step(self, which: BoolArray | None = None) -> "ShiftState":
        """Return the state after the paths of the mask have begun their next step."""
        mask = np.ones(len(self.totals), dtype=bool) if which is None else which
        return ShiftState(self.totals, self.starts.begin(self.totals, mask))

    def take(self, paths: BoolArray | IntArray) -> "ShiftState":
        """Return some of the paths, or one path several times."""
        return ShiftState(self.totals[paths], self.starts.take(paths))

    def samples(self) -> FloatArray:
        """Return the candidate's rows that count, shape (paths,)."""
        bins = self.totals.shape[-1] // 2
        return np.asarray(self.totals[..., :bins].sum(axis=-1))


@dataclass(frozen=True, slots=True)
class Shift:
    """An estimate of the shift; each array has the shape of what it was computed from.

    `error` is its standard error and `rows` the effective rows that it rests on.
    """

    estimate: FloatArray
    error: FloatArray
    rows: FloatArray


def begin(rule: ShiftRule, bins: int, paths: int = 1) -> ShiftState:
    """Return the state before the first step."""
    numbers = 2 * bins + 1
    return ShiftState(np.zeros((paths, numbers)), Starts.none(paths, rule.steps, numbers))


def absorb(
    rule: ShiftRule, state: ShiftState, blocks: MixBlocks, dispersion: float | FloatArray
) -> tuple[ShiftState, Evidence]:
    """Return the state after more blocks of the present step, and the evidence at each of them."""
    totals = state.totals[:, None] + np.cumsum(_sums(blocks), axis=1)
    scale = np.broadcast_to(np.maximum(dispersion, 1.0), totals.shape[:2])
    begun = state.starts.begun()
    since = [
        measured(totals - state.starts.sums[:, None, step], scale)
        for step in range(int(begun.any(0).sum()))
    ]
    failing = [log_evidence(shift, rule.limit, above=True) for shift in since]
    passing = log_evidence(since[0], rule.limit, above=False)
    own = passing
    if len(since) > 1:
        present = measured(totals - state.starts.present()[:, None], scale)
        own = log_evidence(present, rule.limit, above=False)
    last = totals[:, -1] if totals.shape[1] else state.totals
    evidence = Evidence(mixed_over_starts(failing, begun, rule.steps), passing, own)
    return ShiftState(last, state.starts), evidence


def _sums(blocks: MixBlocks) -> FloatArray:
    """Return what each block adds: stable's rows are weighted to the candidate's pace.

    Direct standardisation by time: where the mix of callers changes during a rollout, more
    traffic for the candidate later on does not look like a shift. A block in which only one
    revision has rows does not count.
    """
    ours = blocks.candidate.sum(axis=-1, keepdims=True)
    theirs = blocks.stable.sum(axis=-1, keepdims=True)
    both = (ours > 0) & (theirs > 0)
    weight = np.where(both, ours / np.maximum(theirs, 1e-300), 0.0)
    parts = [blocks.candidate * both, blocks.stable * weight, weight * ours * both]
    return np.concatenate(parts, axis=-1)


def measured(sums: FloatArray, dispersion: FloatArray) -> Shift:
    """Return the debiased shift of cumulated sums (..., 2 bins + 1).

    Bias and variance are those of a second-order Taylor expansion; both grow with the dispersion.
    The part of the variance that stays where both distributions are equal is the chi-square's,
    2 (bins - 1) c^2 (Yurdakul 2018; c = 1 / candidate's rows + 1 / stable's effective rows).
    """
    bins = sums.shape[-1] // 2
    rows = np.maximum(sums[..., :bins].sum(axis=-1), 1e-9)
    worth = np.maximum(rows**2 / np.maximum(sums[..., -1], 1e-9), 1e-9)
    smooth = PSEUDO_COUNT * rows / worth
    q = _shares(sums[..., :bins], np.full_like(rows, PSEUDO_COUNT))
    p = _shares(sums[..., bins:-1], smooth)
    each_c, each_b = dispersion / rows, dispersion / worth
    log_ratio = np.log(q / p)
    raw = ((q - p) * log_ratio).sum(axis=-1)
    bias = _bias(q, p, each_c) + _bias(p, q, each_b)
    slopes = _variance(q, log_ratio + 1 - p / q) * each_c
    slopes += _variance(p, -log_ratio + 1 - q / p) * each_b
    chance = 2 * (bins - 1) * (each_c + each_b) ** 2
    return Shift(raw - bias, np.sqrt(slopes + chance), 1 / (each_c + each_b))


def log_evidence(shift: Shift, limit: float | FloatArray, *, above: bool) -> FloatArray:
    """Return the log-evidence that the shift is above the limit, or below it.

    A half-normal mixture of likelihood ratios of the standardised estimate, whose crossing gives
    the one-sided asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and
    Ramdas (2021), with the parameter rho^2 = 1/2000 on the scale of effective rows.
    """
    z = (shift.estimate - limit) / shift.error * (1 if above else -1)
    return half_normal_mixture(np.asarray(z), np.asarray(shift.rows * PACE))


def half_normal_mixture(z: FloatArray, time: FloatArray) -> FloatArray:
    """Return the log-evidence of a standardised sum z at the given intrinsic time (Robbins 1970).

    2 / sqrt(1 + t) exp(z^2 t / (2 (1 + t))) Phi(z sqrt(t / (1 + t))).
    """
    part = time / (1 + time)
    return np.asarray(np.log(2) - np.log1p(time) / 2 + _log_mills(z * np.sqrt(part)))


def _log_mills(x: FloatArray) -> FloatArray:
    """Return log(exp(x^2 / 2) Phi(x)); far below 0 by its asymptote, where Phi would vanish."""
    below = 0.5 * (1 + np.asarray(_ERF(np.maximum(x, FAR) / np.sqrt(2)), dtype=np.float64))
    near = np.maximum(x, FAR) ** 2 / 2 + np.log(below)
    far = -np.log(np.maximum(-x, 1.0)) - np.log(2 * np.pi) / 2
    return np.where(x < FAR, far, near)


def _shares(counts: FloatArray, pseudo: FloatArray) -> FloatArray:
    smoothed = counts + pseudo[..., None]
    return np.asarray(smoothed / smoothed.sum(axis=-1, keepdims=True))


def _bias(one: FloatArray, other: FloatArray, each: FloatArray) -> FloatArray:
    return np.asarray(0.5 * each * ((1 + other / one) * (1 - one)).sum(axis=-1))


def _variance(shares: FloatArray, slopes: FloatArray) -> FloatArray:
    mean = (shares * slopes).sum(axis=-1)
    return np.asarray((shares * slopes**2).sum(axis=-1) - mean**2)
