import numpy as np
import pytest
from scipy.special import expit
from scipy.special import softmax as reference

from perennial.artifacts.compiled import Link
from perennial_serving.model.links import LINKS, logistic, shares, softmax

FAR = np.array([[-1e300, -720.0, -709.5, -36.0, -1.0, 0.0, 1e-9, 40.0, 1e300]]).T


# as the predictor has it around every call
overflow_is_meant = np.errstate(over="ignore")


def test_every_link_is_there():
    assert set(LINKS) == set(Link)


@overflow_is_meant
def test_the_logistic_is_scipy_s_down_to_the_least_number():
    np.testing.assert_allclose(logistic(FAR), expit(FAR), rtol=1e-15, atol=0)


@overflow_is_meant
def test_a_pair_adds_up():
    pair = LINKS[Link.LOGISTIC_PAIR](FAR)
    np.testing.assert_allclose(pair[:, 1:], expit(FAR), rtol=1e-15, atol=0)
    assert (pair.sum(axis=1) == 1.0).all()


def test_the_softmax_of_large_scores_is_finite():
    scores = np.array([[1e5, 1e5 - 1, 0.0], [-3.0, 0.5, 2.0]])
    np.testing.assert_allclose(softmax(scores), reference(scores, axis=1), rtol=1e-14)


def test_classes_that_are_all_impossible_share_alike():
    assert shares(np.array([[0.0, 0.0], [1.0, 3.0]])).tolist() == [[0.5, 0.5], [0.25, 0.75]]


@pytest.mark.parametrize(("score", "likely"), [(-2.0, 0.0), (0.0, 0.5), (0.5, 0.75), (7.0, 1.0)])
def test_a_clipped_score_is_a_probability(score, likely):
    assert LINKS[Link.CLIPPED_PAIR](np.array([[score]])).tolist() == [[1 - likely, likely]]


@overflow_is_meant
def test_a_logarithm_too_large_is_endless():
    assert LINKS[Link.EXPONENTIAL](np.array([[1000.0]])).tolist() == [[np.inf]]
