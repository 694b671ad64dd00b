import numpy as np
import pytest
from scipy import stats

from perennial.statistics import combination


def test_one_p_value_is_combined_to_itself():
    p = np.array([[1e-14], [1e-6], [0.3], [0.99]])

    assert combination.cauchy(p, np.ones(1)) == pytest.approx(p[:, 0], rel=1e-3)


def test_a_test_that_does_not_exist_leaves_its_weight_to_the_others():
    weights = np.array([0.5, 0.3, 0.2])
    without = combination.cauchy(np.array([0.01, np.nan, 0.4]), weights)

    assert without == pytest.approx(combination.cauchy(np.array([0.01, 0.4]), weights[[0, 2]]))


def test_one_p_value_of_one_does_not_outweigh_a_small_one():
    assert combination.cauchy(np.array([1e-6, 1.0]), np.ones(2)) < 1e-5


def test_without_any_test_the_p_value_is_one():
    assert combination.cauchy(np.array([np.nan, np.nan]), np.ones(2)) == 1


def test_combined_p_values_of_independent_tests_are_uniform():
    p = np.random.default_rng(1).random((20_000, 5))

    combined = combination.cauchy(p, np.ones(5))

    for level in (0.01, 0.05, 0.2):
        assert (combined <= level).mean() == pytest.approx(level, rel=0.2)


def test_adjusted_p_values_are_those_of_scipy():
    p = np.random.default_rng(2).random((9, 4)) ** 2

    found = combination.adjusted(p)

    assert found == pytest.approx(stats.false_discovery_control(p, axis=0))
    assert combination.smallest_adjusted(p) == pytest.approx(found.min(axis=0))


def test_the_smallest_adjusted_p_value_needs_an_input():
    with pytest.raises(ValueError, match="one p-value or more"):
        combination.smallest_adjusted(np.zeros((0, 3)))


def test_ranks_among_the_null_are_uniform():
    random = np.random.default_rng(3)

    levels = []
    for _ in range(200):
        null, found = random.random(400) ** 3, random.random(500) ** 3
        levels.append((combination.rank_among(null, found) <= 0.01).mean())

    assert np.mean(levels) == pytest.approx(0.01, abs=0.002)


def test_beyond_the_null_p_values_keep_falling():
    null = np.random.default_rng(4).random(400)

    p = combination.rank_among(null, np.array([1e-3, 1e-4, 1e-6, 1e-9]))

    assert (np.diff(p) < 0).all()
    assert p[-1] < 1e-5


def test_equal_null_statistics_give_ranks_alone():
    p = combination.rank_among(np.full(99, 0.5), np.array([0.4, 0.5, 0.6]))

    assert p == pytest.approx([0.01, 1.0, 1.0])
