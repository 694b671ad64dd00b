from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from perennial.statistics import ratio
from perennial.statistics.blocks import Blocks
from perennial.statistics.ratio import RatioRule, floor_weight
from perennial.statistics.sequential import Evidence

RULE = RatioRule(limit=1.5, floor=0.001, steps=3)
COUNTS = st.integers(0, 40)
QUICK = settings(deadline=None, max_examples=40)


@st.composite
def some_blocks(draw, paths: int = 1) -> Blocks:
    number = draw(st.integers(2, 8))
    rows = [
        [draw(st.lists(COUNTS, min_size=number, max_size=number)) for _ in range(4)]
        for _ in range(paths)
    ]
    events_c, others_c, events_b, others_b = np.array(rows).swapaxes(0, 1)
    return Blocks.of(events_c, events_c + others_c, events_b, events_b + others_b)


def evidence_of(rule: RatioRule, blocks: Blocks, dispersion: float = 1.0) -> Evidence:
    state = ratio.begin(rule, len(blocks.candidate_events)).begin_step()
    return ratio.absorb(rule, state, blocks, dispersion)[1]


def one_block(events: int, trials: int, others: int, other_trials: int) -> Blocks:
    return Blocks.of([events], [trials], [others], [other_trials])


def test_the_likelihood_is_that_of_a_binomial_given_all_events():
    blocks, ratios = one_block(7, 100, 20, 900), np.array([0.5, 1.3, 4.0])
    share = 0.1 * ratios / (0.9 + 0.1 * ratios)

    expected = stats.binom.logpmf(7, 27, share) - stats.binom.logpmf(7, 27, 0.1)
    assert ratio.ratio_log_likelihoods(blocks, ratios)[0, 0] == pytest.approx(expected)


def test_the_likelihood_of_a_rate_is_binomial():
    blocks, rates = one_block(7, 100, 0, 0), np.array([0.01, 0.2])

    expected = stats.binom.logpmf(7, 100, rates) - stats.binom.logpmf(7, 100, 0.05)
    assert ratio.rate_log_likelihoods(blocks, rates, 0.05)[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize(("true", "bound"), [(1.0, 1.0), (0.7, 0.99)])
def test_evidence_against_a_candidate_is_expected_to_be_at_most_one_if_it_is_no_worse(true, bound):
    rule, total = RatioRule(floor=0.0), 60
    events = np.arange(total + 1)
    share = 0.2 * true / (0.8 + 0.2 * true)
    paths = [np.full((total + 1, 1), n) for n in (500, 2000)]
    blocks = Blocks.of(events[:, None], paths[0], total - events[:, None], paths[1])

    expected = stats.binom.pmf(events, total, share) @ np.exp(evidence_of(rule, blocks).failing)
    assert expected == pytest.approx(1.0) if bound == 1.0 else expected < bound


@pytest.mark.parametrize(("true", "bound"), [(1.5, 1.0), (2.0, 0.99)])
def test_evidence_for_a_candidate_is_expected_to_be_at_most_one_if_it_is_too_bad(true, bound):
    rule, total = RatioRule(floor=0.0), 60
    events = np.arange(total + 1)
    share = 0.2 * true / (0.8 + 0.2 * true)
    paths = [np.full((total + 1, 1), n) for n in (500, 2000)]
    blocks = Blocks.of(events[:, None], paths[0], total - events[:, None], paths[1])

    expected = stats.binom.pmf(events, total, share) @ np.exp(evidence_of(rule, blocks).passing)
    assert expected == pytest.approx(1.0) if bound == 1.0 else expected < bound


def test_evidence_for_a_candidate_at_the_floor_is_expected_to_be_one():
    rule, trials = RatioRule(limit=None, floor=0.02), 150
    events = np.arange(trials + 1)[:, None]
    nothing = np.zeros_like(events)
    found = evidence_of(rule, Blocks.of(events, np.full_like(events, trials), nothing, nothing))

    chances = stats.binom.pmf(events[:, 0], trials, 0.02)
    assert chances @ np.exp(found.passing) == pytest.approx(1.0)
    assert chances @ np.exp(found.failing) == pytest.approx(1.0)


@QUICK
@given(some_blocks(), st.data())
def test_blocks_given_one_by_one_or_at_once_are_the_same_evidence(blocks, data):
    number = blocks.candidate_events.shape[1]
    cut = data.draw(st.integers(0, number))
    state = ratio.begin(RULE).begin_step()
    whole_state, whole = ratio.absorb(RULE, state, blocks, 1.3)
    state, first = ratio.absorb(RULE, state, blocks.at(slice(0, cut)), 1.3)
    state, second = ratio.absorb(RULE, state, blocks.at(slice(cut, None)), 1.3)

    for name in ("failing", "passing", "own"):
        parts = np.concatenate([getattr(first, name), getattr(second, name)], axis=1)
        assert parts == pytest.approx(getattr(whole, name))
    assert state.totals == pytest.approx(whole_state.totals)
    assert state.counts.tolist() == whole_state.counts.tolist()


@QUICK
@given(some_blocks(), st.data())
def test_a_block_split_in_two_of_equal_traffic_is_the_same_evidence(blocks, data):
    def halves(counts):
        return np.repeat(counts, 2, axis=1)

    parts = [
        [data.draw(st.integers(0, int(events))) for events in counts[0]]
        for counts in (blocks.candidate_events, blocks.stable_events)
    ]
    events = [
        np.stack([part, counts[0] - part], axis=1).reshape(1, -1)
        for part, counts in zip(parts, (blocks.candidate_events, blocks.stable_events), strict=True)
    ]
    trials = blocks.candidate_trials, blocks.stable_trials
    split = Blocks(events[0], halves(trials[0]) / 2, events[1], halves(trials[1]) / 2)

    once, twice = evidence_of(RULE, blocks), evidence_of(RULE, split)
    assert twice.failing[:, 1::2] == pytest.approx(once.failing)
    assert twice.passing[:, 1::2] == pytest.approx(once.passing)


@QUICK
@given(some_blocks(paths=3), st.permutations([0, 1, 2]))
def test_paths_do_not_know_of_each_other(blocks, order):
    mixed = Blocks(*(getattr(blocks, name)[order] for name in Blocks.__slots__))

    once, reordered = evidence_of(RULE, blocks), evidence_of(RULE, mixed)
    assert reordered.failing == pytest.approx(once.failing[order])
    assert reordered.passing == pytest.approx(once.passing[order])


@QUICK
@given(some_blocks(), st.randoms(use_true_random=False))
def test_the_order_of_blocks_in_a_step_changes_nothing_at_its_end(blocks, random):
    order = list(range(blocks.candidate_events.shape[1]))
    random.shuffle(order)
    shuffled = Blocks(*(getattr(blocks, name)[:, order] for name in Blocks.__slots__))

    once, other = evidence_of(RULE, blocks), evidence_of(RULE, shuffled)
    assert other.failing[:, -1] == pytest.approx(once.failing[:, -1])


@QUICK
@given(some_blocks(), st.sampled_from([2.0, 3.0, 5.0]))
def test_counts_in_clusters_are_worth_as_much_as_their_clusters(blocks, size):
    clusters = Blocks(*(getattr(blocks, name) * size for name in Blocks.__slots__))

    once, clustered = evidence_of(RULE, blocks), evidence_of(RULE, clusters, size)
    assert clustered.failing == pytest.approx(once.failing)
    assert clustered.passing == pytest.approx(once.passing)


def test_a_dispersion_below_one_counts_as_one():
    blocks = one_block(30, 100, 20, 900)

    assert evidence_of(RULE, blocks, 0.2).failing == evidence_of(RULE, blocks, 1.0).failing


@pytest.mark.parametrize("alone", [one_block(5, 10, 0, 0), one_block(0, 0, 5, 10)])
def test_a_block_in_which_only_one_revision_has_requests_says_nothing_about_the_ratio(alone):
    found = evidence_of(RatioRule(floor=0.0), alone)

    assert found.failing == pytest.approx(0.0)
    assert found.passing == pytest.approx(0.0)


def test_what_changes_the_rates_of_both_is_no_evidence():
    calm, outage = one_block(10, 1000, 10, 1000), one_block(300, 1000, 300, 1000)

    assert evidence_of(RatioRule(floor=0.0), calm).failing < 0
    assert evidence_of(RatioRule(floor=0.0), outage).failing < 0


def test_a_rate_below_the_floor_is_good_enough_however_good_stable_is():
    blocks = one_block(40, 100_000, 0, 1_000_000)

    assert not RULE.levels.failed(evidence_of(RULE, blocks))
    assert RULE.levels.passed(evidence_of(RULE, blocks))
    assert RULE.levels.failed(evidence_of(replace(RULE, floor=0.0), blocks))


def test_a_service_without_errors_passes_by_its_floor_only():
    blocks = one_block(0, 6000, 0, 100_000)

    assert RULE.levels.passed(evidence_of(RULE, blocks))
    assert not RULE.levels.passed(evidence_of(replace(RULE, floor=0.0), blocks))


def test_where_more_is_better_fewer_successes_fail():
    rule = RatioRule(limit=1 / 0.9, more_is_better=True)

    assert rule.levels.failed(evidence_of(rule, one_block(300, 10_000, 5000, 100_000)))
    assert not rule.levels.failed(evidence_of(rule, one_block(700, 10_000, 5000, 100_000)))


def test_what_begins_in_the_last_step_is_found_in_its_own_evidence():
    rule = RatioRule(floor=0.0, steps=2)
    state = ratio.begin(rule).begin_step()
    state, _ = ratio.absorb(rule, state, one_block(50, 10_000, 1000, 100_000), 1.0)
    late = one_block(40, 2000, 200, 20_000)
    _, new = ratio.absorb(rule, state.begin_step(), late, 1.0)
    _, same = ratio.absorb(replace(rule, steps=1), replace_starts(state, rule), late, 1.0)

    assert rule.levels.failed(new)
    assert not rule.levels.failed(same)


def test_a_good_step_does_not_prove_the_next_one():
    rule = RatioRule(floor=0.0, steps=2)
    state = ratio.begin(rule).begin_step()
    state, first = ratio.absorb(rule, state, one_block(100, 10_000, 1000, 100_000), 1.0)
    _, second = ratio.absorb(rule, state.begin_step(), one_block(1, 100, 10, 1000), 1.0)

    assert rule.levels.passed(first)
    assert second.passing > np.log(20)
    assert not rule.levels.passed(second)


def replace_starts(state, rule):
    """Return the state as it is under a rule of one step."""
    alone = ratio.begin(replace(rule, steps=1)).begin_step()
    return replace(alone, totals=state.totals, counts=state.counts)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limit": None}, "needs a floor"),
        ({"limit": 1.0}, "limit must be above tolerated"),
        ({"tolerated": 0.0}, "tolerated above 0"),
        ({"floor": 0.7}, "floor must lie"),
        ({"steps": 0}, "steps must"),
        ({"min_samples": -1}, "min_samples"),
        ({"floor_weight": 1.0}, "floor_weight"),
        ({"more_is_better": True, "floor": 0.1}, "no floor"),
    ],
)
def test_a_rule_that_could_never_decide_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        RatioRule(**settings)


def test_history_says_whether_the_floor_or_the_ratio_matters():
    assert floor_weight(1.5, 0.001, events=1000, trials=100_000) < 0.1
    assert floor_weight(1.5, 0.001, events=0, trials=100_000) > 0.9
    assert floor_weight(1.5, 0.001, events=0, trials=100) == 0.5


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_a_candidate_as_good_as_stable_is_rolled_back_as_rarely_as_promised(share):
    random, rule = np.random.default_rng(5), RatioRule(floor=0.0)
    trials = np.array([share, 1 - share]) * 3000
    counts = [random.poisson(0.01 * n, (1500, 100)) for n in trials]
    blocks = Blocks.of(
        counts[0], np.full((1500, 100), trials[0]), counts[1], np.full((1500, 100), trials[1])
    )

    assert rule.levels.failed(evidence_of(rule, blocks)).any(axis=1).mean() <= 0.01


def test_a_candidate_just_too_bad_passes_as_rarely_as_promised():
    random, rule = np.random.default_rng(6), RatioRule(floor=0.0)
    events, others = (
        random.poisson(0.015 * 300, (1500, 100)),
        random.poisson(0.01 * 5700, (1500, 100)),
    )
    blocks = Blocks.of(events, np.full(events.shape, 300), others, np.full(events.shape, 5700))

    assert rule.levels.passed(evidence_of(rule, blocks)).any(axis=1).mean() <= 0.05
