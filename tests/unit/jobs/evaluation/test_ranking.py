import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from perennial.jobs.evaluation.ranking import ranking

ROW = st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3))


@settings(deadline=None)
@given(st.lists(ROW, min_size=2, max_size=40))
def test_ties_and_counts_are_ranked_as_scikit_learn_ranks_rows(drawn):
    positive, scores, counts = (np.array(column) for column in zip(*drawn, strict=True))
    rows = np.repeat(np.arange(len(drawn)), counts)
    if not positive.any() or len(set(positive[rows].tolist())) < 2:
        return
    area, precision = ranking(positive, scores / 7)(counts.astype(float))
    assert area == pytest.approx(roc_auc_score(positive[rows], scores[rows]))
    assert precision == pytest.approx(average_precision_score(positive[rows], scores[rows]))


def test_perfect_scores_rank_perfectly():
    positive = np.array([False, False, True, True])
    assert ranking(positive, np.array([0.1, 0.2, 0.8, 0.9]))(np.ones(4)) == (1.0, 1.0)


def test_equal_scores_rank_by_chance():
    area, precision = ranking(np.array([True, False, False, False]), np.zeros(4))(np.ones(4))
    assert (area, precision) == (0.5, 0.25)


@pytest.mark.parametrize("counts", [[1.0, 0.0], [0.0, 1.0]])
def test_one_class_alone_has_no_rank(counts):
    assert np.isnan(ranking(np.array([True, False]), np.array([1.0, 0.0]))(np.array(counts))).all()
