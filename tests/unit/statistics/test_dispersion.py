import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.statistics.dispersion import (
    DispersionSums,
    between_blocks,
    between_pods,
    between_pods_of_mix,
    by_block,
    in_force,
    mix_by_block,
)

HOUR, PODS = 60, 6


def clusters(random: np.random.Generator, mean: np.ndarray, size: float = 3.0) -> np.ndarray:
    """Return counts of clusters of geometric size: their dispersion is 2 size - 1."""
    number = random.poisson(mean / size)
    found = number.copy()
    found[number > 0] += random.negative_binomial(number[number > 0], 1 / size)
    return found


def trials(blocks: int = 24 * HOUR, pods: int = PODS) -> np.ndarray:
    return np.full((blocks, pods), 1000)


def test_independent_events_have_a_dispersion_of_one():
    random = np.random.default_rng(1)
    pods = np.array([500, 1000, 1000, 2000, 100, 3000]) * np.ones((24 * HOUR, 1))

    assert between_pods(random.poisson(pods * 0.01), pods).estimate() == pytest.approx(1, abs=0.05)


def test_clusters_of_three_have_a_dispersion_of_five():
    random = np.random.default_rng(2)

    found = between_pods(clusters(random, trials() * 0.003), trials())
    assert found.estimate() == pytest.approx(5, rel=0.08)


def test_an_outage_of_all_pods_is_no_dispersion_between_them():
    random = np.random.default_rng(3)
    rate = 0.01 * np.exp(random.normal(0, 0.8, (24 * HOUR, 1)))
    events = random.poisson(trials() * rate)

    assert between_pods(events, trials()).estimate() == pytest.approx(1, abs=0.1)
    assert between_blocks(events[:, 0], trials()[:, 0]).estimate() > 3


def test_a_single_pod_is_compared_with_itself():
    random = np.random.default_rng(4)
    one = np.full(24 * HOUR, 1000)

    assert between_blocks(random.poisson(one * 0.01), one).estimate() == pytest.approx(1, abs=0.15)
    assert between_blocks(clusters(random, one * 0.01), one).estimate() == pytest.approx(5, rel=0.2)


def test_what_is_not_known_counts_as_three():
    nothing = between_pods(np.zeros((24 * HOUR, PODS)), trials())

    assert DispersionSums.none().estimate() == 3
    assert nothing.estimate() == 3
    assert nothing.known() < 1e-9


def test_a_few_events_over_a_long_time_are_little_knowledge():
    events = np.zeros((24 * HOUR, PODS))
    events[::400, 0] = 1

    assert 2 < between_pods(events, trials()).estimate() < 3


def test_pods_without_requests_are_no_pods():
    random = np.random.default_rng(5)
    busy = random.poisson(10, (600, 3))
    idle = np.pad(busy, ((0, 0), (0, 2)))

    found = between_pods(idle, np.pad(trials(600, 3), ((0, 0), (0, 2))))
    assert found.degrees == 600 * 2
    assert found.estimate() == between_pods(busy, trials(600, 3)).estimate()


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 19), st.integers(0, 1000))
def test_sums_of_parts_are_the_sums_of_the_whole(cut, seed):
    events = np.random.default_rng(seed).poisson(2, (20, 3))
    whole = between_pods(events, trials(20, 3))
    parts = between_pods(events[:cut], trials(20, 3)[:cut])
    parts += between_pods(events[cut:], trials(20, 3)[cut:])

    assert parts.estimate() == pytest.approx(whole.estimate())
    assert parts.known() == pytest.approx(whole.known())


def test_a_calm_rollout_does_not_lower_what_history_says():
    random = np.random.default_rng(6)
    history = between_pods(clusters(random, trials() * 0.003), trials())
    present = between_pods(random.poisson(trials(60) * 0.01), trials(60))

    assert in_force(history, present) == history.estimate()


def test_a_bursty_rollout_raises_what_history_says():
    random = np.random.default_rng(7)
    history = between_pods(random.poisson(trials() * 0.01), trials())
    present = between_pods(clusters(random, trials(60) * 0.01), trials(60))

    assert in_force(history, present) > 3


def test_chance_during_the_rollout_does_not_raise_it():
    random, raised = np.random.default_rng(8), 0
    history = between_pods(random.poisson(trials() * 0.01), trials())
    for _ in range(100):
        present = between_pods(random.poisson(trials(20) * 0.01), trials(20))
        raised += in_force(history, present) > history.estimate() * 1.02

    assert raised <= 5


def test_without_history_nothing_is_learned_that_would_make_verdicts_quicker():
    random = np.random.default_rng(9)
    present = between_pods(random.poisson(trials() * 0.01), trials())

    assert in_force(DispersionSums.none(), present) == 3


def test_rows_of_one_distribution_have_a_dispersion_of_one():
    random, mix = np.random.default_rng(10), np.array([0.5, 0.3, 0.15, 0.05])
    counts = random.multinomial(200, mix, (300, 4))

    assert between_pods_of_mix(counts).estimate() == pytest.approx(1, abs=0.1)


def test_rows_that_come_in_clusters_of_equals_have_more():
    random, mix = np.random.default_rng(11), np.array([0.5, 0.3, 0.15, 0.05])
    counts = clusters(random, np.broadcast_to(200 * mix, (300, 4, 4)))

    assert between_pods_of_mix(counts).estimate() == pytest.approx(5, rel=0.1)


def test_the_dispersion_at_each_look_is_that_of_the_blocks_until_then():
    random = np.random.default_rng(12)
    history = between_pods(random.poisson(trials() * 0.01), trials())
    events = clusters(random, trials(30) * 0.01)
    looks = in_force(history, by_block(events, trials(30)).cumulated())

    for look in (1, 10, 30):
        until = between_pods(events[:look], trials(look))
        assert looks[look - 1] == pytest.approx(in_force(history, until)[0])


def test_the_dispersion_of_bins_at_each_look_is_that_of_the_blocks_until_then():
    random = np.random.default_rng(13)
    counts = random.poisson(20, (10, 3, 4))
    looks = in_force(DispersionSums.none(), mix_by_block(counts).cumulated())

    assert looks[-1] == in_force(DispersionSums.none(), between_pods_of_mix(counts))


def test_only_one_path_is_taken_block_by_block():
    with pytest.raises(ValueError, match="only one path"):
        by_block(np.ones((2, 5, 3)), np.ones((2, 5, 3)))


def test_counts_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="events must have 3 dimensions"):
        between_pods([1, 2, 3], [1, 2, 3])
