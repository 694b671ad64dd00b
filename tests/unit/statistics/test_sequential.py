import numpy as np
import pytest
from scipy.special import logsumexp

from perennial.statistics.sequential import (
    Evidence,
    Levels,
    Starts,
    log_mean_exp,
    mixed_over_starts,
    start_weights,
)


def evidence(failing: float = 0.0, passing: float = 0.0, own: float = 0.0) -> Evidence:
    return Evidence(*(np.array([[np.log(e)]]) for e in (failing or 1, passing or 1, own or 1)))


def test_the_mean_of_exponentials_survives_numbers_that_overflow():
    logs = np.array([[1000.0, 1001.0, 900.0], [-1000.0, -1002.0, -1001.0]])

    assert log_mean_exp(logs) == pytest.approx(logsumexp(logs, axis=-1) - np.log(3))


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_half_of_the_evidence_begins_with_the_rollout(steps):
    weights = start_weights(steps)

    assert weights.sum() == pytest.approx(1)
    assert weights[0] == (1 if steps == 1 else 0.5)


def test_steps_that_have_not_begun_count_as_no_evidence():
    parts = [np.array([[np.log(9.0)]]), np.array([[np.log(1000.0)]])]
    begun = np.array([[True, False, False]])

    assert np.exp(mixed_over_starts(parts, begun, 3)) == pytest.approx(0.5 * 9 + 0.25 + 0.25)


def test_a_rollback_is_due_at_its_level_and_not_before():
    levels = Levels(false_rollback=0.01)

    assert not levels.failed(evidence(failing=99))
    assert levels.failed(evidence(failing=100.01))


def test_a_step_needs_evidence_of_the_whole_rollout_and_some_of_its_own():
    levels = Levels(wrong_promotion=0.05)

    assert not levels.passed(evidence(passing=1000, own=2.9))
    assert not levels.passed(evidence(passing=19, own=1000))
    assert levels.passed(evidence(passing=20.01, own=3.01))


@pytest.mark.parametrize("level", [0, 1, -0.1, 5])
def test_levels_are_probabilities(level):
    with pytest.raises(ValueError, match="false_rollback"):
        Levels(false_rollback=level)
    with pytest.raises(ValueError, match="wrong_promotion"):
        Levels(wrong_promotion=level)


def test_evidence_of_its_own_cannot_be_less_than_none():
    with pytest.raises(ValueError, match="own_evidence"):
        Levels(own_evidence=0.5)


def test_each_path_begins_its_steps_at_its_own_time():
    starts = Starts.none(2, 3, 1).begin(np.array([[0.0], [0.0]]), np.array([True, True]))
    starts = starts.begin(np.array([[5.0], [7.0]]), np.array([False, True]))

    assert starts.present().tolist() == [[0.0], [7.0]]
    assert starts.begun().tolist() == [[True, False, False], [True, True, False]]


def test_a_path_that_begins_a_step_later_leaves_the_start_of_others():
    both, first, second = (
        np.array(which) for which in ([True, True], [True, False], [False, True])
    )
    starts = Starts.none(2, 2, 1).begin(np.zeros((2, 1)), both)
    starts = starts.begin(np.array([[5.0], [7.0]]), first).begin(np.array([[8.0], [9.0]]), second)

    assert starts.present().tolist() == [[5.0], [9.0]]


def test_more_steps_than_the_rule_has_are_refused():
    starts = Starts.none(1, 1, 1).begin(np.zeros((1, 1)), np.array([True]))

    with pytest.raises(ValueError, match="1 steps"):
        starts.begin(np.zeros((1, 1)), np.array([True]))
