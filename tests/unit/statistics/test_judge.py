import numpy as np
import pytest

from perennial.statistics.blocks import Blocks
from perennial.statistics.judge import Timeline, judge_ratio, judge_shift
from perennial.statistics.ratio import RatioRule
from perennial.statistics.shift import MixBlocks, ShiftRule
from perennial.statistics.verdict import Measure, Outcome

ERRORS = RatioRule(limit=1.5, floor=0.001, steps=3)
PREDICTIONS = ShiftRule(limit=0.10, steps=3)


def rates(number: int, events: float, others: float) -> Blocks:
    """Return blocks of 100 requests of the candidate beside 1,900 of stable."""
    one = np.ones(number)
    return Blocks.of(events * one, 100 * one, others * one, 1900 * one)


def first_step(number: int, dispersion: float = 1.0) -> Timeline:
    return Timeline([0] * number, 0, dispersion)


def test_no_requests_are_no_data():
    verdict = judge_ratio(ERRORS, Blocks.of([], [], [], []), first_step(0))

    assert verdict.outcome is Outcome.NO_DATA
    assert (verdict.estimate, verdict.low, verdict.high, verdict.samples) == (None, None, None, 0)


def test_data_that_are_not_fresh_never_pass_and_never_fail():
    good, bad = rates(100, 1, 19), rates(100, 50, 19)

    for blocks in (good, bad):
        assert judge_ratio(ERRORS, blocks, first_step(100), fresh=False).outcome is Outcome.NO_DATA


def test_a_good_candidate_waits_for_the_samples_that_its_rule_requires():
    verdict = judge_ratio(ERRORS, rates(4, 1, 19), first_step(4))

    assert verdict.outcome is Outcome.TOO_FEW_SAMPLES
    assert (verdict.samples, verdict.required) == (400, 500)


def test_a_candidate_that_fails_all_requests_fails_long_before():
    blocks = Blocks.of([2] * 4, [2] * 4, [0] * 4, [48] * 4)
    verdict = judge_ratio(ERRORS, blocks, first_step(4))

    assert verdict.outcome is Outcome.FAILED
    assert verdict.samples == 8


def test_a_candidate_as_good_as_stable_passes_with_a_bound_below_the_limit():
    verdict = judge_ratio(ERRORS, rates(100, 1, 19), first_step(100))

    assert verdict.outcome is Outcome.PASSED
    assert verdict.measure is Measure.RATIO
    assert verdict.estimate == pytest.approx(1.0)
    assert verdict.low < 1.0 < verdict.high < verdict.limit == 1.5


def test_a_worse_candidate_fails_with_a_bound_above_stable():
    verdict = judge_ratio(ERRORS, rates(60, 2, 19), first_step(60))

    assert verdict.outcome is Outcome.FAILED
    assert verdict.estimate == pytest.approx(2.0)
    assert 1.0 < verdict.low < 2.0 < verdict.high


def test_what_is_neither_is_inconclusive():
    verdict = judge_ratio(ERRORS, rates(20, 1, 19), first_step(20))

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.high > 1.5


def test_a_service_without_errors_is_shown_by_its_rate():
    verdict = judge_ratio(ERRORS, rates(100, 0, 0), first_step(100))

    assert (verdict.outcome, verdict.measure) == (Outcome.PASSED, Measure.RATE)
    assert (verdict.estimate, verdict.limit) == (0.0, 0.001)
    assert verdict.high < 0.001


def test_without_a_baseline_only_the_floor_decides():
    rule = RatioRule(limit=None, floor=0.02)
    alone = Blocks.of([1] * 80, [100] * 80, [0] * 80, [0] * 80)

    assert judge_ratio(rule, alone, first_step(80)).outcome is Outcome.PASSED
    assert judge_ratio(ERRORS, alone, first_step(80)).outcome is Outcome.INCONCLUSIVE


def test_a_step_that_has_just_begun_has_shown_nothing():
    blocks = rates(100, 1, 19)
    before = judge_ratio(ERRORS, blocks, Timeline([0] * 100, 0))
    begun = judge_ratio(ERRORS, blocks, Timeline([0] * 100, 1))

    assert (before.outcome, begun.outcome) == (Outcome.PASSED, Outcome.INCONCLUSIVE)


@pytest.mark.parametrize("step", [0, 1])
def test_a_failure_stays_one_however_good_the_blocks_after_it(step):
    bad, good = rates(40, 3, 19), rates(400, 0, 19)
    both = Blocks.of(
        *(np.concatenate([getattr(b, name)[0] for b in (bad, good)]) for name in Blocks.__slots__)
    )

    assert judge_ratio(ERRORS, good, first_step(400)).outcome is Outcome.PASSED
    after = Timeline([0] * 40 + [step] * 400, step)
    assert judge_ratio(ERRORS, both, after).outcome is Outcome.FAILED


def test_a_failure_outlives_the_step_that_showed_it():
    bad, good = rates(40, 3, 19), rates(400, 0, 19)
    both = Blocks.of(
        *(np.concatenate([getattr(b, name)[0] for b in (bad, good)]) for name in Blocks.__slots__)
    )

    assert judge_ratio(ERRORS, both, Timeline([0] * 440, 1)).outcome is Outcome.FAILED


def test_a_fault_of_the_last_step_is_shown_by_that_step():
    first, last = rates(300, 1, 19), rates(25, 4, 19)
    both = Blocks.of(
        *(np.concatenate([getattr(b, name)[0] for b in (first, last)]) for name in Blocks.__slots__)
    )
    verdict = judge_ratio(ERRORS, both, Timeline([0] * 300 + [1] * 25, 1))

    assert verdict.outcome is Outcome.FAILED
    assert verdict.estimate == pytest.approx(4.0)


def test_looks_keep_the_dispersion_that_was_known_at_them():
    blocks = rates(60, 2, 19)
    rising = Timeline([0] * 60, 0, np.linspace(1, 9, 60))

    assert judge_ratio(ERRORS, blocks, first_step(60)).outcome is Outcome.FAILED
    assert judge_ratio(ERRORS, blocks, first_step(60, 9.0)).outcome is Outcome.INCONCLUSIVE
    early = [
        judge_ratio(ERRORS, rates(n, 2, 19), Timeline([0] * n, 0, np.linspace(1, 9, 60)[:n]))
        for n in (30, 60)
    ]
    assert early[1] == judge_ratio(ERRORS, blocks, rising)


def test_the_dispersion_of_other_blocks_is_refused():
    with pytest.raises(ValueError, match="dispersion must be one number"):
        judge_ratio(ERRORS, rates(5, 1, 19), Timeline([0] * 5, 0, np.ones(4)))


def test_fewer_successes_fail_where_more_is_better():
    rule = RatioRule(limit=1 / 0.9, more_is_better=True)
    verdict = judge_ratio(rule, rates(100, 3, 95), first_step(100))

    assert verdict.outcome is Outcome.FAILED
    assert verdict.limit == pytest.approx(0.9)
    assert verdict.estimate == pytest.approx(0.6)
    assert verdict.low < 0.6 < verdict.high < 1


MIX = np.array([40.0, 30.0, 20.0, 10.0])


def mixes(number: int, candidate: np.ndarray) -> MixBlocks:
    return MixBlocks.of(np.tile(candidate, (number, 1)), np.tile(19 * MIX, (number, 1)))


def test_equal_predictions_pass():
    verdict = judge_shift(PREDICTIONS, mixes(60, MIX), first_step(60))

    assert (verdict.outcome, verdict.measure) == (Outcome.PASSED, Measure.SHIFT)
    assert verdict.estimate == 0.0
    assert verdict.high < verdict.limit == 0.10


def test_reversed_predictions_fail():
    verdict = judge_shift(PREDICTIONS, mixes(60, MIX[::-1]), first_step(60))

    assert verdict.outcome is Outcome.FAILED
    assert 0.10 < verdict.low < verdict.estimate < verdict.high


def test_few_predictions_are_too_few():
    verdict = judge_shift(PREDICTIONS, mixes(2, MIX), first_step(2))

    assert (verdict.outcome, verdict.samples) == (Outcome.TOO_FEW_SAMPLES, 200)


def test_no_predictions_are_no_data():
    empty = MixBlocks.of(np.zeros((0, 4)), np.zeros((0, 4)))
    verdict = judge_shift(PREDICTIONS, empty, first_step(0))

    assert (verdict.outcome, verdict.estimate) == (Outcome.NO_DATA, None)


def test_predictions_of_a_step_that_has_just_begun_show_nothing():
    begun = judge_shift(PREDICTIONS, mixes(60, MIX), Timeline([0] * 60, 1))

    assert begun.outcome is Outcome.INCONCLUSIVE
