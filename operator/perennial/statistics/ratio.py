"""Whether the candidate has more events per trial than stable: a fold over blocks."""

from dataclasses import dataclass, field

import numpy as np

from perennial.statistics.blocks import Blocks
from perennial.statistics.sequential import (
    Evidence,
    Levels,
    Starts,
    log_mean_exp,
    mixed_over_starts,
)
from perennial.statistics.verdict import BoolArray, FloatArray, IntArray

WORSE = np.geomspace(1.15, 5, 24)  # times the tolerated ratio
BETTER = 9  # ratios between limit and tolerated, and somewhat below
ABOVE = np.geomspace(1.25, 500, 16)  # times the floor
BELOW = np.array([0.02, 0.1, 0.3, 0.6])  # times the floor
HIGHEST_RATE = 0.99
MOST_FLOOR = 0.5
UNSURE, HEDGE = 0.5, 0.05  # weights of the floor's evidence in a promotion
ENOUGH_EVENTS = 5  # that history would show at the floor, to say on which side of it stable is


@dataclass(frozen=True, slots=True)
class RatioRule:
    """The rule of a gate that compares rates of events.

    The gate fails when the candidate's rate is above `tolerated` times stable's *and* above
    `floor`. It passes when a ratio of `limit` is ruled out, or a rate of `floor`. Without a
    `limit` stable does not count: only the floor decides. `min_samples` holds promotion only.
    `floor_weight` is the weight of the floor's evidence in a promotion (see `floor_weight`).
    `more_is_better` compares stable's rate with the candidate's instead (successes).
    """

    limit: float | None = 1.5
    floor: float = 0.0
    tolerated: float = 1.0
    levels: Levels = field(default_factory=Levels)
    min_samples: int = 500
    steps: int = 1
    floor_weight: float = UNSURE
    more_is_better: bool = False

    def __post_init__(self) -> None:
        """Refuse a rule that could never decide."""
        if self.limit is None and not self.floor:
            raise ValueError("a rule without limit needs a floor")
        if self.more_is_better and (self.limit is None or self.floor):
            raise ValueError("where more is better, a rule needs a limit and no floor")
        if self.limit is not None and not 0 < self.tolerated < self.limit:
            raise ValueError("limit must be above tolerated, and tolerated above 0")
        if not 0 <= self.floor <= MOST_FLOOR:
            raise ValueError(f"floor must lie between 0 and {MOST_FLOOR}, not {self.floor}")
        if self.steps < 1 or self.min_samples < 0:
            raise ValueError("steps must be at least 1 and min_samples at least 0")
        if not 0 < self.floor_weight < 1:
            raise ValueError(f"floor_weight must lie between 0 and 1, not {self.floor_weight}")

    def ratios(self) -> FloatArray:
        """Return the ratios whose likelihood is kept: tolerated, worse, limit, better."""
        if self.limit is None:
            return np.empty(0)
        worse, better = self.tolerated * WORSE, self.limit * self.better()
        return np.concatenate([[self.tolerated], worse, [self.limit], better])

    def better(self) -> FloatArray:
        """Return the alternatives that speak for a promotion, relative to the limit."""
        margin = self.tolerated / (self.limit or 1.0)
        return np.geomspace(margin**0.45, margin * 0.75, BETTER)

    def rates(self) -> FloatArray:
        """Return the rates whose likelihood is kept: floor, above it, below it."""
        if not self.floor:
            return np.empty(0)
        above = np.minimum(self.floor * ABOVE, HIGHEST_RATE)
        return np.concatenate([[self.floor], above, self.floor * BELOW])


@dataclass(frozen=True, slots=True)
class RatioState:
    """All that a test remembers of the blocks it has seen, for each path.

    `totals` (paths, numbers) are cumulated log-likelihoods: of the ratios relative to 1, then of
    the rates relative to the floor. `counts` (paths, 4) are candidate's events and trials, then
    stable's.
    """

    totals: FloatArray
    counts: FloatArray
    starts: Starts

    def begin_step(self, which: BoolArray | None = None) -> "RatioState":
        """Return the state after the paths of the mask have begun their next step."""
        mask = np.ones(len(self.totals), dtype=bool) if which is None else which
        return RatioState(self.totals, self.counts, self.starts.begin(self.totals, mask))

    def take(self, paths: BoolArray | IntArray) -> "RatioState":
        """Return some of the paths, or one path several times."""
        return RatioState(self.totals[paths], self.counts[paths], self.starts.take(paths))


def floor_weight(limit: float, floor: float, events: float, trials: float) -> float:
    """Return the weight of the floor's evidence, by what stable did before the rollout.

    The candidate's rate has to be below the floor or below limit times stable's rate, whichever
    is higher. Where history says which one that is, nearly all weight is on its evidence; any
    weight that is fixed before the rollout is valid.
    """
    if trials * floor < ENOUGH_EVENTS:
        return UNSURE
    return HEDGE if limit * events / trials > floor else 1 - HEDGE


def begin(rule: RatioRule, paths: int = 1) -> RatioState:
    """Return the state before the first step."""
    numbers = len(rule.ratios()) + len(rule.rates())
    starts = Starts.none(paths, rule.steps, numbers)
    return RatioState(np.zeros((paths, numbers)), np.zeros((paths, 4)), starts)


def absorb(
    rule: RatioRule, state: RatioState, blocks: Blocks, dispersion: float | FloatArray
) -> tuple[RatioState, Evidence]:
    """Return the state after more blocks of the present step, and the evidence at each of them.

    `dispersion` is the variance of counts relative to Poisson's, of shape (), (paths, 1) or
    (paths, blocks). Log-likelihoods are divided by it (quasi-likelihood, Wedderburn 1974). Blocks
    may be given one by one or all at once: the result is the same.
    """
    tested = blocks.exchanged() if rule.more_is_better else blocks
    totals = state.totals[:, None] + np.cumsum(_log_likelihoods(rule, tested), axis=1)
    scale = np.broadcast_to(np.maximum(dispersion, 1.0), totals.shape[:2])[..., None]
    evidence = _evidence(rule, state.starts, totals, scale)
    last = totals[:, -1] if totals.shape[1] else state.totals
    return RatioState(last, state.counts + blocks.sums(), state.starts), evidence


def ratio_log_likelihoods(blocks: Blocks, ratios: FloatArray) -> FloatArray:
    """Return each block's log-likelihood of the ratios, relative to 1: (paths, blocks, ratios).

    Given all events T of a block, the candidate's are binomial with probability
    pi r / (1 - pi + pi r), pi its share of the trials and r the ratio of rates (Przyborowski and
    Wilenski 1940). What changes the rates of both revisions at once cancels. A block in which
    only one revision has trials says nothing.
    """
    trials = blocks.candidate_trials + blocks.stable_trials
    share = blocks.candidate_trials / np.maximum(trials, 1e-300)
    events = blocks.candidate_events + blocks.stable_events
    scaled = np.log1p(share[..., None] * (ratios - 1))
    return np.asarray(
        blocks.candidate_events[..., None] * np.log(ratios) - events[..., None] * scaled
    )


def rate_log_likelihoods(blocks: Blocks, rates: FloatArray, floor: float) -> FloatArray:
    """Return each block's binomial log-likelihood of rates, relative to the floor."""
    others = blocks.candidate_trials - blocks.candidate_events
    hit, miss = np.log(rates / floor), np.log1p(-rates) - np.log1p(-floor)
    return np.asarray(blocks.candidate_events[..., None] * hit + others[..., None] * miss)


def _log_likelihoods(rule: RatioRule, blocks: Blocks) -> FloatArray:
    parts = [ratio_log_likelihoods(blocks, rule.ratios())]
    if rule.floor:
        parts.append(rate_log_likelihoods(blocks, rule.rates(), rule.floor))
    return np.concatenate(parts, axis=-1)


def _evidence(rule: RatioRule, starts: Starts, totals: FloatArray, scale: FloatArray) -> Evidence:
    begun = starts.begun()
    since = [
        (totals - starts.sums[:, None, step]) / scale for step in range(int(begun.any(0).sum()))
    ]
    failing = mixed_over_starts([_failing(rule, logs) for logs in since], begun, rule.steps)
    passing = _passing(rule, since[0])
    if len(since) == 1:
        return Evidence(failing, passing, passing)
    own = _passing(rule, (totals - starts.present()[:, None]) / scale)
    return Evidence(failing, passing, own)


def _failing(rule: RatioRule, logs: FloatArray) -> FloatArray:
    """Return the log-evidence against a rate within what is tolerated.

    Its null hypothesis is the union of "not above tolerated" and "not above the floor": the
    smaller of two e-processes is one for both.
    """
    worse, above = len(WORSE), len(ABOVE)
    parts = []
    if rule.limit is not None:
        parts.append(log_mean_exp(logs[..., 1 : 1 + worse] - logs[..., :1]))
    if rule.floor:
        rates = logs[..., len(rule.ratios()) :]
        parts.append(log_mean_exp(rates[..., 1 : 1 + above]))
    return np.asarray(np.minimum.reduce(parts))


def _passing(rule: RatioRule, logs: FloatArray) -> FloatArray:
    """Return the log-evidence against a rate that is too high.

    Its null hypothesis is "at least limit times stable's, and at least the floor": a weighted
    mean of two e-processes is one for both.
    """
    below = logs[..., logs.shape[-1] - len(BELOW) :]
    if rule.limit is None:
        return log_mean_exp(below)
    limit = 1 + len(WORSE)
    better = logs[..., limit + 1 : limit + 1 + BETTER]
    by_ratio = log_mean_exp(better - logs[..., limit : limit + 1])
    if not rule.floor:
        return by_ratio
    weight = rule.floor_weight
    return np.asarray(
        np.logaddexp(np.log1p(-weight) + by_ratio, np.log(weight) + log_mean_exp(below))
    )
