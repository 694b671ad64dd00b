"""The sequential tests of a question, over the blocks so far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from perennial.api.analysis import Analysis, LatencyGate, RateGate
from perennial.api.rollout_status import GateBaseline
from perennial.planning.model_deployment.gates.counts import (
    CLASSES,
    ERRORS,
    LATENCY,
    PREDICTIONS,
    REFUSALS,
    SCORES,
    BlockCounts,
    MixCounts,
    RateCounts,
)
from perennial.planning.model_deployment.question import Question
from perennial.statistics import dispersion, time_left
from perennial.statistics.blocks import Blocks
from perennial.statistics.dispersion import DispersionSums
from perennial.statistics.judge import Timeline, judge_ratio, judge_shift
from perennial.statistics.ratio import MOST_FLOOR, UNSURE, RatioRule, floor_weight
from perennial.statistics.sequential import Levels
from perennial.statistics.shift import MixBlocks, ShiftRule
from perennial.statistics.time_left import TimeLeft
from perennial.statistics.verdict import Verdict

INFORMING_SHIFT: Final = "0.25"
"""The limit of a shift that only informs."""
_NOTHING: Final = RateCounts(0, 0, 0, 0)


class GateTest(Protocol):
    """One test over the blocks so far."""

    def verdict(self, *, fresh: bool) -> Verdict:
        """Return the verdict at the last block."""

    def left(self, horizon: int, seed: int) -> TimeLeft | None:
        """Return the time left by simulation; slow."""


@dataclass(frozen=True, slots=True)
class RateTest:
    """A test of rates of events."""

    rule: RatioRule
    blocks: Blocks
    timeline: Timeline

    def verdict(self, *, fresh: bool) -> Verdict:
        """Return the verdict at the last block."""
        return judge_ratio(self.rule, self.blocks, self.timeline, fresh=fresh)

    def left(self, horizon: int, seed: int) -> TimeLeft | None:
        """Return the time left by simulation; slow."""
        return time_left.of_ratio(self.rule, self.blocks, self.timeline, horizon=horizon, seed=seed)


@dataclass(frozen=True, slots=True)
class MixTest:
    """A test of distributions."""

    rule: ShiftRule
    blocks: MixBlocks
    timeline: Timeline

    def verdict(self, *, fresh: bool) -> Verdict:
        """Return the verdict at the last block."""
        return judge_shift(self.rule, self.blocks, self.timeline, fresh=fresh)

    def left(self, horizon: int, seed: int) -> TimeLeft | None:
        """Return the time left by simulation; slow."""
        return time_left.of_shift(self.rule, self.blocks, self.timeline, horizon=horizon, seed=seed)


def watch_tests(
    question: Question, blocks: Sequence[BlockCounts]
) -> Iterator[tuple[str, RateTest]]:
    """Yield tests of the watch without a holdback: against what stable did before it.

    Nothing is counted beside the candidate then, so its rate must stay below stable's former one
    times the limit, and its dispersion is that between blocks.
    """
    start, baseline = question.watch_start, question.baseline
    if start is None or baseline is None or not baseline.is_compared:
        return
    before = [block for block in blocks if block.begin < start]
    watched = [block for block in blocks if block.begin >= start]
    for gate, stated in _rate_gates(question.rules):
        counts = [block.rates.get(gate, _NOTHING) for block in watched]
        if any(each.stable_trials for each in counts):
            continue
        floor = _former_rate(question, gate, before) * float(stated.max_ratio)
        events = [each.candidate_events for each in counts]
        trials = [each.candidate_trials for each in counts]
        nothing = [0.0] * len(counts)
        rule = RatioRule(
            limit=None,
            floor=min(MOST_FLOOR, max(floor, float(stated.floor), _FLOOR_ALONE)),
            levels=_levels(question.rules, parts=1),
            min_samples=question.rules.min_samples,
        )
        spread = float(dispersion.between_blocks([events], [trials]).estimate()[0])
        timeline = Timeline([0] * len(counts), 0, spread)
        yield gate, RateTest(rule, Blocks.of(events, trials, nothing, nothing), timeline)


def _rate_gates(rules: Analysis) -> tuple[tuple[str, RateGate | LatencyGate], ...]:
    return (ERRORS, rules.errors), (REFUSALS, rules.refusals), (LATENCY, rules.latency)


def _former_rate(question: Question, gate: str, before: Sequence[BlockCounts]) -> float:
    """Return stable's rate in the last step, or else in its history."""
    last = [
        block for block in before if question.step_of(block.begin) == len(question.step_starts) - 2
    ]
    counts = [block.rates.get(gate, _NOTHING) for block in last]
    events = sum(each.stable_events for each in counts)
    trials = sum(each.stable_trials for each in counts)
    if trials < question.rules.min_samples:
        known = _before(question, gate)
        events, trials = known.events, known.trials
    return (events + 0.5) / (trials + 1)


def rate_tests(question: Question, blocks: Sequence[BlockCounts]) -> Iterator[tuple[str, RateTest]]:
    """Yield the test of each gate of rates that can be judged."""
    baseline = question.baseline
    if baseline is None:
        return
    rules = question.rules
    yield ERRORS, _rate_test(question, blocks, ERRORS, rules.errors.max_ratio, rules.errors.floor)
    if not baseline.is_compared:
        return
    yield from _custom_tests(question, blocks)
    yield (
        REFUSALS,
        _rate_test(question, blocks, REFUSALS, rules.refusals.max_ratio, rules.refusals.floor),
    )
    if baseline.latency_bound is not None:
        yield (
            LATENCY,
            _rate_test(question, blocks, LATENCY, rules.latency.max_ratio, rules.latency.floor),
        )


def _custom_tests(
    question: Question, blocks: Sequence[BlockCounts]
) -> Iterator[tuple[str, RateTest]]:
    """Yield the tests of gates on the team's counters: they tell versions, not revisions."""
    if question.source.versions.candidate == question.source.versions.stable:
        return
    for gate in question.rules.custom:
        yield gate.name, _rate_test(question, blocks, gate.name, gate.max_ratio, gate.floor)


def mix_tests(question: Question, blocks: Sequence[BlockCounts]) -> Iterator[MixTest]:
    """Yield the tests of the mix of classes and of the score; each has half the levels."""
    if question.baseline is None or not question.baseline.is_compared:
        return
    found = {name: _bins(blocks, name) for name in (CLASSES, SCORES)}
    usable = {name: bins for name, bins in found.items() if bins > 1}
    for name, bins in usable.items():
        yield _mix_test(question, blocks, name, bins, shared_by=len(usable))


def _rate_test(
    question: Question, blocks: Sequence[BlockCounts], gate: str, max_ratio: str, floor: str
) -> RateTest:
    known = question.baseline is not None and question.baseline.is_compared
    before = _before(question, gate)
    limit = float(max_ratio) if known else None
    counts = [block.rates.get(gate, _NOTHING) for block in blocks]
    rule = RatioRule(
        limit=limit,
        floor=float(floor) if known else max(float(floor), _FLOOR_ALONE),
        levels=_levels(question.rules, parts=1),
        min_samples=question.rules.min_samples,
        steps=question.steps,
        floor_weight=floor_weight(limit, float(floor), before.events, before.trials)
        if limit and float(floor)
        else UNSURE,
    )
    arrays = Blocks.of(
        [each.candidate_events for each in counts],
        [each.candidate_trials for each in counts],
        [each.stable_events for each in counts],
        [each.stable_trials for each in counts],
    )
    return RateTest(
        rule, arrays, _timeline(question, blocks, before, [each.dispersion for each in counts])
    )


_FLOOR_ALONE: Final = 0.001
"""Where stable cannot be compared with, the floor decides alone and cannot be 0."""


def _mix_test(
    question: Question, blocks: Sequence[BlockCounts], name: str, bins: int, shared_by: int
) -> MixTest:
    nothing = MixCounts((0.0,) * bins, (0.0,) * bins)
    found = [block.mixes.get(name, nothing) for block in blocks]
    counts = [each if len(each.candidate) == bins else nothing for each in found]
    rule = ShiftRule(
        limit=float(question.rules.predictions.max_shift or INFORMING_SHIFT),
        levels=_levels(question.rules, shared_by),
        min_samples=question.rules.min_samples,
        steps=question.steps,
    )
    arrays = MixBlocks.of([each.candidate for each in counts], [each.stable for each in counts])
    before = _before(question, PREDICTIONS)
    return MixTest(
        rule, arrays, _timeline(question, blocks, before, [each.dispersion for each in counts])
    )


def _timeline(
    question: Question,
    blocks: Sequence[BlockCounts],
    before: GateBaseline,
    sums: Sequence[tuple[float, float, float, float]],
) -> Timeline:
    history = DispersionSums.known_as(float(before.dispersion), float(before.degrees))
    present = DispersionSums.of_blocks(sums).cumulated()
    steps = [question.step_of(block.begin) for block in blocks]
    in_force = dispersion.in_force(history, present)
    return Timeline(steps, len(question.step_starts) - 1, in_force)


def _levels(rules: Analysis, parts: int) -> Levels:
    """Return the levels of one of several tests that share those of a gate."""
    return Levels(float(rules.false_rollback) / parts, float(rules.wrong_promotion) / parts)


def _before(question: Question, gate: str) -> GateBaseline:
    known = question.baseline.gates if question.baseline else ()
    unknown = GateBaseline(name=gate, events=0, trials=0, dispersion="1", degrees="0")
    return next((each for each in known if each.name == gate), unknown)


def _bins(blocks: Sequence[BlockCounts], name: str) -> int:
    """Return the number of bins of the newest block that has any."""
    found = (len(block.mixes[name].candidate) for block in reversed(blocks) if name in block.mixes)
    return next(filter(None, found), 0)
