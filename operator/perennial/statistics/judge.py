"""The blocks of one rollout in, a verdict out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from perennial.statistics import bounds, ratio, shift
from perennial.statistics.blocks import Blocks, by_step
from perennial.statistics.ratio import RatioRule, RatioState
from perennial.statistics.sequential import Evidence, Levels
from perennial.statistics.shift import MixBlocks, ShiftRule, ShiftState
from perennial.statistics.verdict import (
    BoolArray,
    Findings,
    FloatArray,
    IntArray,
    Measure,
    Outcome,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Which step each block belongs to, the present step, and the dispersion at each look.

    `steps` has one number for each block, counted from 0. `dispersion` is one number, or one for
    each block; what was known at a look stays, so a restart comes to the same verdict.
    """

    steps: Sequence[int] | IntArray
    step: int
    dispersion: float | FloatArray = 1.0

    def masks(self, blocks: int) -> list[BoolArray]:
        """Return the mask of the blocks of each step up to the present one."""
        known = np.ndim(self.dispersion)
        if known and np.shape(self.dispersion) != (blocks,):
            raise ValueError(f"dispersion must be one number, or one for each of {blocks} blocks")
        return by_step(self.steps, blocks, self.step)

    def at(self, mask: BoolArray) -> float | FloatArray:
        """Return the dispersion of some of the blocks."""
        known = np.asarray(self.dispersion, dtype=np.float64)
        return known[None, mask] if known.ndim else float(known)

    def latest(self) -> float:
        """Return the dispersion at the last look, at least 1."""
        known = np.atleast_1d(np.asarray(self.dispersion, dtype=np.float64))
        return max(1.0, float(known[-1])) if len(known) else 1.0


def judge_ratio(
    rule: RatioRule, blocks: Blocks, timeline: Timeline, *, fresh: bool = True
) -> Verdict:
    """Return the verdict on rates of events: errors, refusals, slow requests, custom gates.

    `blocks` hold one path, oldest first. Without `fresh` data the outcome is NoData.
    """
    state, failed, passed = replay_ratio(rule, blocks, timeline)
    samples = int(state.counts[0, 1])
    outcome = Findings(fresh, failed, passed, samples, rule.min_samples).outcome()
    shown = blocks
    if outcome is Outcome.FAILED:
        shown = blocks.at(_strongest(rule, blocks, timeline))
    return _shown_ratio(rule, shown, timeline.latest(), outcome, samples)


def judge_shift(
    rule: ShiftRule, blocks: MixBlocks, timeline: Timeline, *, fresh: bool = True
) -> Verdict:
    """Return the verdict on distributions: the mix of classes, or the bins of a score.

    `blocks` hold one path, oldest first. Without `fresh` data the outcome is NoData. A gate of
    two distributions gives each of its rules half the levels.
    """
    state, failed, passed = replay_shift(rule, blocks, timeline)
    samples = int(state.samples()[0])
    outcome = Findings(fresh, failed, passed, samples, rule.min_samples).outcome()
    found = shift.measured(state.totals[0], np.asarray(timeline.latest()))
    low, high = bounds.of_shift(rule.levels, found) if samples else (None, None)
    estimate = max(0.0, float(found.estimate)) if samples else None
    return Verdict(
        outcome, Measure.SHIFT, estimate, low, high, rule.limit, samples, rule.min_samples
    )


def replay_ratio(
    rule: RatioRule, blocks: Blocks, timeline: Timeline
) -> tuple[RatioState, bool, bool]:
    """Return the state at the end of the blocks, whether any look failed and the last passed."""
    state, failed, passed = ratio.begin(rule), False, False
    for mask in timeline.masks(blocks.candidate_events.shape[1]):
        state = state.begin_step()
        state, evidence = ratio.absorb(rule, state, blocks.at(mask), timeline.at(mask))
        failed, passed = failed | _any_failed(rule.levels, evidence), _passes(rule.levels, evidence)
    return state, failed, passed


def replay_shift(
    rule: ShiftRule, blocks: MixBlocks, timeline: Timeline
) -> tuple[ShiftState, bool, bool]:
    """Return the state at the end of the blocks, whether any look failed and the last passed."""
    state, failed, passed = shift.begin(rule, blocks.candidate.shape[-1]), False, False
    for mask in timeline.masks(blocks.candidate.shape[1]):
        state = state.begin_step()
        state, evidence = shift.absorb(rule, state, blocks.at(mask), timeline.at(mask))
        failed, passed = failed | _any_failed(rule.levels, evidence), _passes(rule.levels, evidence)
    return state, failed, passed


def _any_failed(levels: Levels, evidence: Evidence) -> bool:
    return bool(levels.failed(evidence).any())


def _passes(levels: Levels, evidence: Evidence) -> bool:
    """Return whether the last look passed; a step without blocks has shown nothing yet."""
    return bool(levels.passed(evidence)[:, -1:].any())


def _strongest(rule: RatioRule, blocks: Blocks, timeline: Timeline) -> BoolArray:
    """Return the mask of the blocks since the step whose evidence against the candidate is most."""
    alone, steps = replace(rule, steps=1), np.asarray(timeline.steps)
    since = [steps >= step for step in range(int(steps.max()) + 1)]
    state = ratio.begin(alone).begin_step()
    evidence = [
        ratio.absorb(alone, state, blocks.at(mask), timeline.at(mask))[1].failing.max()
        for mask in since
    ]
    return since[int(np.argmax(evidence))]


def _shown_ratio(
    rule: RatioRule, blocks: Blocks, dispersion: float, outcome: Outcome, samples: int
) -> Verdict:
    """Return the numbers of the ratio, or those of the rate where they are closer to pass."""
    if rule.limit is None:
        return _by_rate(rule, blocks, dispersion, outcome, samples)
    by_ratio = _by_ratio(rule, blocks, dispersion, outcome, samples)
    if not rule.floor:
        return by_ratio
    by_rate = _by_rate(rule, blocks, dispersion, outcome, samples)
    if by_ratio.estimate is None:
        return by_rate
    if outcome is Outcome.FAILED or by_rate.high is None:
        return by_ratio
    far = np.inf if by_ratio.high is None else by_ratio.high / by_ratio.limit
    return by_rate if by_rate.high / by_rate.limit < far else by_ratio


def _by_ratio(
    rule: RatioRule, blocks: Blocks, dispersion: float, outcome: Outcome, samples: int
) -> Verdict:
    events, trials, others, other_trials = blocks.sums()[0]
    estimate = None
    if trials and others:
        estimate = float(events / trials / (others / other_trials))
    low, high = bounds.of_ratio(rule, blocks, dispersion)
    limit = rule.limit or np.inf
    shown = 1 / limit if rule.more_is_better else limit
    return Verdict(outcome, Measure.RATIO, estimate, low, high, shown, samples, rule.min_samples)


def _by_rate(
    rule: RatioRule, blocks: Blocks, dispersion: float, outcome: Outcome, samples: int
) -> Verdict:
    events, trials = blocks.sums()[0, :2]
    estimate = float(events / trials) if trials else None
    low, high = bounds.of_rate(rule.levels, events, trials, dispersion)
    return Verdict(
        outcome, Measure.RATE, estimate, low, high, rule.floor, samples, rule.min_samples
    )
