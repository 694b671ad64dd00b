import numpy as np
import pytest

from perennial.statistics import time_left
from perennial.statistics.blocks import Blocks
from perennial.statistics.judge import Timeline, judge_ratio, judge_shift
from perennial.statistics.ratio import RatioRule
from perennial.statistics.shift import MixBlocks, ShiftRule
from perennial.statistics.verdict import Outcome

RULE = RatioRule(floor=0.001, steps=2)
MIX = np.array([0.5, 0.3, 0.15, 0.05])


def rates(number: int, events: float, others: float) -> Blocks:
    one = np.ones(number)
    return Blocks.of(events * one, 100 * one, others * one, 1900 * one)


def first_step(number: int) -> Timeline:
    return Timeline([0] * number, 0)


def test_time_left_is_about_the_time_that_is_left():
    needed = next(
        n
        for n in range(1, 200)
        if judge_ratio(RULE, rates(n, 1, 19), first_step(n)).outcome is Outcome.PASSED
    )
    left = time_left.of_ratio(RULE, rates(10, 1, 19), first_step(10), horizon=240, seed=1)

    assert left.blocks == pytest.approx(needed - 10, rel=0.3)
    assert left.samples == left.blocks * 100
    assert left.passing > 0.9


def test_the_same_seed_is_the_same_answer():
    given = RULE, rates(10, 1, 19), first_step(10)

    assert time_left.of_ratio(*given, horizon=240, seed=1) == time_left.of_ratio(
        *given, horizon=240, seed=1
    )


def test_a_candidate_that_looks_bad_is_not_expected_to_pass():
    left = time_left.of_ratio(RULE, rates(20, 2, 19), first_step(20), horizon=240, seed=1)

    assert left.passing < 0.2


def test_a_decision_beyond_the_horizon_is_not_named():
    one = np.ones(40)
    slow = Blocks.of(0 * one, one, 0 * one, 19 * one)

    assert time_left.of_ratio(RULE, slow, first_step(40), horizon=240, seed=1) is None


def test_a_step_without_requests_yet_has_no_estimate():
    begun = Timeline([0] * 10, 1)

    assert time_left.of_ratio(RULE, rates(10, 1, 19), begun, horizon=240, seed=1) is None


def test_no_time_left_at_all_is_no_estimate():
    given = RULE, rates(10, 1, 19), first_step(10)

    assert time_left.of_ratio(*given, horizon=0, seed=1) is None


def test_two_hours_are_looked_at_in_longer_blocks():
    one = np.ones(200)
    slow = Blocks.of(0.05 * one, 10 * one, 0.95 * one, 190 * one)
    left = time_left.of_ratio(RatioRule(), slow, first_step(200), horizon=960, seed=2)

    assert left.blocks % 4 == 0
    assert 150 < left.blocks < 900


def test_without_a_baseline_the_floor_is_simulated():
    rule = RatioRule(limit=None, floor=0.02)
    one = np.ones(6)
    alone = Blocks.of(one, 100 * one, 0 * one, 0 * one)
    left = time_left.of_ratio(rule, alone, first_step(6), horizon=240, seed=1)

    assert 2 < left.blocks < 40


def test_where_more_is_better_successes_are_simulated():
    rule = RatioRule(limit=1 / 0.8, more_is_better=True)
    left = time_left.of_ratio(rule, rates(10, 10, 190), first_step(10), horizon=240, seed=1)

    assert left.passing > 0.8


def test_time_left_of_predictions_is_about_the_time_that_is_left():
    rule, random = ShiftRule(steps=2), np.random.default_rng(1)
    mix = MixBlocks.of(random.multinomial(50, MIX, 60), random.multinomial(950, MIX, 60))
    needed = next(
        n
        for n in range(1, 60)
        if judge_shift(rule, mix.at(slice(0, n)), first_step(n)).outcome is Outcome.PASSED
    )
    left = time_left.of_shift(rule, mix.at(slice(0, 3)), first_step(3), horizon=240, seed=1)

    assert left.blocks == pytest.approx(needed - 3, abs=4)
    assert left.passing > 0.9


def test_predictions_of_a_step_that_has_just_begun_have_no_estimate():
    mix = MixBlocks.of([[5, 5]], [[50, 50]])

    assert time_left.of_shift(ShiftRule(steps=2), mix, Timeline([0], 1), horizon=9, seed=1) is None
