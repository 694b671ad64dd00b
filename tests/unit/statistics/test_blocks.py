import numpy as np
import pytest

from perennial.statistics.blocks import Blocks, by_step


def test_plain_sequences_are_one_path():
    assert Blocks.of([1, 2], [10, 20], [0, 0], [5, 5]).candidate_events.shape == (1, 2)


def test_events_without_a_request_count_as_trials():
    blocks = Blocks.of([5], [2], [0], [10])

    assert blocks.candidate_trials.tolist() == [[5.0]]


@pytest.mark.parametrize("bad", [[-1, 0], [float("nan"), 0], [float("inf"), 0]])
def test_counts_that_are_none_are_refused_by_name(bad):
    with pytest.raises(ValueError, match="stable_events"):
        Blocks.of([0, 0], [1, 1], bad, [1, 1])


def test_counts_of_different_blocks_are_refused():
    with pytest.raises(ValueError, match="equal shapes"):
        Blocks.of([0, 0], [1, 1], [0], [1])


def test_counts_of_too_many_dimensions_are_refused():
    with pytest.raises(ValueError, match="candidate_events must have 2 dimensions"):
        Blocks.of(np.zeros((1, 1, 1)), [1], [0], [1])


def test_sums_are_candidate_first():
    assert Blocks.of([1, 2], [10, 20], [3, 4], [30, 40]).sums().tolist() == [[3, 30, 7, 70]]


def test_exchanging_twice_changes_nothing():
    blocks = Blocks.of([1], [10], [3], [30])

    assert blocks.exchanged().sums().tolist() == [[3, 30, 1, 10]]
    assert blocks.exchanged().exchanged().sums().tolist() == blocks.sums().tolist()


def test_blocks_are_found_by_their_step():
    masks = by_step([0, 0, 1], 3, 2)

    assert [mask.tolist() for mask in masks] == [
        [True, True, False],
        [False, False, True],
        [False, False, False],
    ]


@pytest.mark.parametrize("steps", [[0, 1, 0], [-1, 0, 0], [0, 0, 3], [0, 0]])
def test_steps_that_fall_back_or_lie_ahead_are_refused(steps):
    with pytest.raises(ValueError, match="steps must"):
        by_step(steps, 3, 2)
