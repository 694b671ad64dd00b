"""Link functions from scores to probabilities or amounts, equal to scikit-learn's.

Overflow is expected; predictors suppress its warnings.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import Link

Scores = NDArray[np.float64]
"""(rows, outputs)"""


def logistic(scores: Scores) -> Scores:
    """Return 1 / (1 + exp(-score)); 0 where the exponential overflows, as in SciPy."""
    likely: Scores = 1.0 / (1.0 + np.exp(-scores))
    return likely


def softmax(scores: Scores) -> Scores:
    """Return the softmax of each row."""
    powers: Scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def shares(scores: Scores) -> Scores:
    """Normalise each row to a sum of 1; equal shares if all scores are 0."""
    totals = scores.sum(axis=1, keepdims=True)
    equal = np.full_like(scores, 1.0 / scores.shape[1])
    divided: Scores = np.divide(scores, totals, out=equal, where=totals != 0)
    return divided


def _softmax_among_others(scores: Scores) -> Scores:
    return softmax(scores / (scores.shape[1] - 1))


def _identity(scores: Scores) -> Scores:
    return scores


def _exponential(scores: Scores) -> Scores:
    amounts: Scores = np.exp(scores)
    return amounts


def _pair(second: Scores) -> Scores:
    """Return both classes' probabilities from the second's."""
    return np.concatenate((1.0 - second, second), axis=1)


def _logistic_pair(scores: Scores) -> Scores:
    return _pair(logistic(scores))


def _doubled_logistic_pair(scores: Scores) -> Scores:
    return _logistic_pair(2.0 * scores)


def _one_versus_rest(scores: Scores) -> Scores:
    return shares(logistic(scores))


def _clipped(scores: Scores) -> Scores:
    return (np.clip(scores, -1.0, 1.0) + 1.0) / 2.0


def _clipped_pair(scores: Scores) -> Scores:
    return _pair(_clipped(scores))


def _clipped_versus_rest(scores: Scores) -> Scores:
    return shares(_clipped(scores))


LINKS: Final[Mapping[Link, Callable[[Scores], Scores]]] = {
    Link.IDENTITY: _identity,
    Link.EXPONENTIAL: _exponential,
    Link.LOGISTIC_PAIR: _logistic_pair,
    Link.DOUBLED_LOGISTIC_PAIR: _doubled_logistic_pair,
    Link.ONE_VERSUS_REST: _one_versus_rest,
    Link.SOFTMAX: softmax,
    Link.SOFTMAX_AMONG_OTHERS: _softmax_among_others,
    Link.CLIPPED_PAIR: _clipped_pair,
    Link.CLIPPED_VERSUS_REST: _clipped_versus_rest,
}
