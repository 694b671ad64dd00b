import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier

from builders.compiled import amounts, both, grades, on_thresholds, rows, with_gaps
from builders.trees import BOUNDS, grown, rows_around, stump, walked
from perennial.jobs.compile.splits import splits_of
from perennial_serving.model.quick_scorer import QuickScorer


def sums(trees, dense, outputs=1):
    return QuickScorer(splits_of(trees, outputs))(dense).tolist()


@pytest.mark.parametrize("leaves", [2, 8, 9, 31, 64])
def test_rows_fall_into_the_leaves_that_they_would_walk_to(leaves):
    trees = [grown(columns=5, leaves=leaves, seed=seed) for seed in range(24)]
    dense = rows_around(BOUNDS, columns=5, count=400)
    assert sums(trees, dense) == [walked(trees, row) for row in dense]


def test_each_output_adds_its_own_trees():
    trees = [grown(columns=3, leaves=7, seed=seed, output=seed % 3) for seed in range(30)]
    dense = rows_around(BOUNDS, columns=3, count=200)
    assert sums(trees, dense, outputs=3) == [walked(trees, row, outputs=3) for row in dense]


def test_trees_apart_are_not_added():
    trees = [grown(columns=2, leaves=5, seed=seed, output=seed) for seed in range(16)]
    dense = rows_around(BOUNDS, columns=2, count=100)
    assert sums(trees, dense, outputs=16) == [walked(trees, row, outputs=16) for row in dense]


def flagging_trees(*, missing_true=False):
    """Trees that ask each column of one bound, and two of them a column of several."""
    flags = [stump(column, 0.5, missing_true=missing_true) for column in range(1, 30)]
    return [*flags, stump(0, 0.0), stump(0, 1.0)]


@pytest.mark.parametrize("missing_true", [True, False])
def test_a_flag_may_be_set_not_set_or_missing(missing_true):
    trees = flagging_trees(missing_true=missing_true)
    dense = np.zeros((200, 30))
    dense[np.arange(200), np.arange(200) % 30] = np.tile([1.0, np.nan], 100)
    assert sums(trees, dense) == [walked(trees, row) for row in dense]


def test_rows_of_no_flag_at_all_are_summed():
    trees = flagging_trees()
    assert sums(trees, np.zeros((3, 30))) == [walked(trees, np.zeros(30))] * 3


def test_rows_of_many_flags_are_left_to_others():
    masks = QuickScorer(splits_of(flagging_trees(), 1))
    dense = np.zeros((200, 30))
    dense[150, 1:7] = 1.0
    assert masks(dense) is not None
    dense[150, 1:8] = 1.0
    assert masks(dense) is None


def test_more_rows_than_are_taken_at_once_are_summed_in_their_order():
    trees = [grown(columns=2, leaves=33, seed=seed) for seed in range(40)]
    dense = rows_around(BOUNDS, columns=2, count=5000)
    together = QuickScorer(splits_of(trees, 1))(dense)
    for start in range(0, 5000, 999):
        some = slice(start, start + 7)
        assert together[some].tolist() == [walked(trees, row) for row in dense[some]]


def test_many_rows_of_a_boosted_model_are_answered_as_it_was_fitted(tmp_path):
    dense = with_gaps(rows())
    fitted = HistGradientBoostingClassifier(max_iter=20).fit(dense, grades(dense))
    trees = [tree for stage in fitted._predictors for tree in stage]
    compiled = both(fitted, tmp_path)
    assert compiled.stored.scores.trees.splits is not None
    assert compiled.agree(on_thresholds(dense, trees))


def test_numbers_are_rounded_before_they_are_compared(tmp_path):
    dense = rows()
    fitted = GradientBoostingRegressor(n_estimators=20, random_state=0).fit(dense, amounts(dense))
    compiled = both(fitted, tmp_path)
    assert compiled.stored.scores.trees.splits is not None
    assert compiled.agree(on_thresholds(dense, fitted.estimators_.ravel()))
