from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.statistics import bounds, ratio
from perennial.statistics.blocks import Blocks
from perennial.statistics.ratio import RatioRule
from perennial.statistics.sequential import Levels
from perennial.statistics.shift import Shift

RULE = RatioRule()


def blocks_of(events: int, others: int) -> Blocks:
    return Blocks.of([events], [10_000], [others], [190_000])


def verdicts(rule: RatioRule, blocks: Blocks) -> tuple[bool, bool]:
    _, found = ratio.absorb(rule, ratio.begin(rule).begin_step(), blocks, 1.0)
    return bool(rule.levels.failed(found)[0, -1]), bool(rule.levels.passed(found)[0, -1])


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 400), st.integers(400, 4000))
def test_the_lower_bound_is_the_ratio_that_would_just_fail(events, others):
    blocks = blocks_of(events, others)
    low, _ = bounds.of_ratio(RULE, blocks, 1.0)

    assert verdicts(replace(RULE, tolerated=low * 0.97, limit=100), blocks)[0]
    assert not verdicts(replace(RULE, tolerated=low * 1.03, limit=100), blocks)[0]


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 400), st.integers(400, 4000))
def test_the_upper_bound_is_the_limit_that_would_just_pass(events, others):
    blocks = blocks_of(events, others)
    _, high = bounds.of_ratio(RULE, blocks, 1.0)
    apart = RULE.tolerated / RULE.limit

    assert verdicts(replace(RULE, limit=high * 1.03, tolerated=high * 1.03 * apart), blocks)[1]
    assert not verdicts(replace(RULE, limit=high * 0.97, tolerated=high * 0.97 * apart), blocks)[1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 300))
def test_the_bounds_of_a_rate_are_the_floors_that_would_just_decide(events):
    rule, blocks = RatioRule(limit=None, floor=0.01), blocks_of(events, 0)
    low, high = bounds.of_rate(rule.levels, events, 10_000, 1.0)

    assert verdicts(replace(rule, floor=high * 1.03), blocks)[1]
    assert not verdicts(replace(rule, floor=high * 0.97), blocks)[1]
    if low is not None and low > 1e-6:
        assert verdicts(replace(rule, floor=low * 0.97), blocks)[0]
        assert not verdicts(replace(rule, floor=low * 1.03), blocks)[0]


def test_nothing_known_has_no_bounds():
    assert bounds.of_ratio(RULE, Blocks.of([0], [10], [0], [100]), 1.0) == (None, None)
    assert bounds.of_rate(Levels(), 0, 0, 1.0) == (None, None)


def test_bounds_of_a_ratio_where_more_is_better_are_those_of_the_other_way_round():
    blocks, more = blocks_of(90, 1500), RatioRule(more_is_better=True)
    low, high = bounds.of_ratio(more, blocks, 1.0)
    other_low, other_high = bounds.of_ratio(RULE, blocks.exchanged(), 1.0)

    assert (low, high) == pytest.approx((1 / other_high, 1 / other_low))


def test_bounds_hold_at_the_end_of_nearly_all_rollouts():
    random, inside = np.random.default_rng(3), 0
    for _ in range(200):
        blocks = blocks_of(random.poisson(120), random.poisson(1900))
        low, high = bounds.of_ratio(RULE, blocks, 1.0)
        inside += (low or 0) <= 1.2 <= (high or np.inf)

    assert inside >= 190


def test_the_bounds_of_a_shift_lie_around_it():
    found = Shift(np.array(0.3), np.array(0.03), np.array(5000.0))
    low, high = bounds.of_shift(Levels(), found)

    assert 0.1 < low < 0.25
    assert 0.35 < high < 0.5
