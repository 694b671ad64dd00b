"""Bounds that hold at every look: what the tests of a rule would still accept.

Each bound is the limit at which the test itself would turn (inversion of tests), so a verdict and
its bounds agree. They are computed on a grid and interpolated, for display.
"""

import numpy as np

from perennial.statistics.blocks import Blocks
from perennial.statistics.ratio import (
    ABOVE,
    BELOW,
    HIGHEST_RATE,
    WORSE,
    RatioRule,
    ratio_log_likelihoods,
)
from perennial.statistics.sequential import Levels, log_mean_exp
from perennial.statistics.shift import Shift, log_evidence
from perennial.statistics.verdict import FloatArray

RATIOS = np.geomspace(1 / 60, 60, 121)
RATES = np.geomspace(1e-7, HIGHEST_RATE, 161)
SHIFTS = np.linspace(0, 8, 1601)
CLOSE = np.linspace(-6, 6, 81)  # standard errors around the estimate, where it matters

Bounds = tuple[float | None, float | None]


def of_ratio(rule: RatioRule, blocks: Blocks, dispersion: float) -> Bounds:
    """Return the bounds of the ratio of rates, from the blocks of one path."""
    tested = blocks.exchanged() if rule.more_is_better else blocks
    events, trials, others, other_trials = tested.sums()[0]
    grid = RATIOS
    if events and others and trials and other_trials:
        error = np.sqrt(dispersion * (1 / events + 1 / others))
        grid = _closer(RATIOS, (events / trials) / (others / other_trials), error)
    logs = ratio_log_likelihoods(tested, grid)[0].sum(axis=0) / dispersion
    low, high = _crossings(grid, logs, WORSE, rule.better(), rule.levels)
    if not rule.more_is_better:
        return low, high
    return (1 / high if high else None), (1 / low if low else None)


def of_rate(levels: Levels, events: float, trials: float, dispersion: float) -> Bounds:
    """Return the bounds of a rate of events, from the sums of one path."""
    grid = RATES
    if events:
        grid = _closer(RATES, events / trials, np.sqrt(dispersion / events))
    logs = events * np.log(grid) + (trials - events) * np.log1p(-grid)
    return _crossings(grid, logs / dispersion, ABOVE, BELOW, levels)


def of_shift(levels: Levels, shift: Shift) -> Bounds:
    """Return the bounds of a shift, from an estimate of one path."""
    above, below = (log_evidence(shift, SHIFTS, above=above) for above in (True, False))
    low = _last(SHIFTS, above, -np.log(levels.false_rollback))
    return low, _first(SHIFTS, below, -np.log(levels.wrong_promotion))


def _closer(grid: FloatArray, estimate: float, error: float) -> FloatArray:
    """Return the grid with more points around the estimate."""
    close = estimate * np.exp(CLOSE * error)
    inside = close[(close > grid[0]) & (close < grid[-1])]
    return np.unique(np.concatenate([grid, inside]))


def _crossings(
    grid: FloatArray, logs: FloatArray, worse: FloatArray, better: FloatArray, levels: Levels
) -> Bounds:
    """Return the largest point that is too low and the smallest that is too high."""
    x = np.log(grid)
    low = _last(x, _against(x, logs, worse), -np.log(levels.false_rollback))
    high = _first(x, _against(x, logs, better), -np.log(levels.wrong_promotion))
    return (
        None if low is None else float(np.exp(low)),
        None if high is None else float(np.exp(high)),
    )


def _against(x: FloatArray, logs: FloatArray, factors: FloatArray) -> FloatArray:
    """Return the log-evidence against each point of the grid, by alternatives relative to it."""
    alternatives = np.interp(x[:, None] + np.log(factors), x, logs)
    return log_mean_exp(alternatives - logs[:, None])


def _last(x: FloatArray, evidence: FloatArray, needed: float) -> float | None:
    """Return where the evidence, which falls with x, crosses what is needed."""
    rejected = np.flatnonzero(evidence >= needed)
    if not len(rejected):
        return None
    at = int(rejected[-1])
    return float(x[at]) if at + 1 == len(x) else _between(x, evidence, at, needed)


def _first(x: FloatArray, evidence: FloatArray, needed: float) -> float | None:
    """Return where the evidence, which rises with x, crosses what is needed."""
    rejected = np.flatnonzero(evidence >= needed)
    if not len(rejected):
        return None
    at = int(rejected[0])
    return float(x[0]) if at == 0 else _between(x, evidence, at - 1, needed)


def _between(x: FloatArray, evidence: FloatArray, at: int, needed: float) -> float:
    step = evidence[at + 1] - evidence[at]
    return float(x[at] + (x[at + 1] - x[at]) * (needed - evidence[at]) / step)
