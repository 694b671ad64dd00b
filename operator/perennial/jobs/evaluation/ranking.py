"""Area under the ROC curve and average precision, as functions of the weight of each row."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from perennial.jobs.evaluation.predictions import Floats

Ranking = Callable[[Floats], tuple[float, float]]


def ranking(positive: NDArray[np.bool_], scores: Floats) -> Ranking:
    """Return the function from weights to (area under the ROC curve, average precision).

    Rows of equal score share a rank. Only ranks that contain a positive row add to either sum.
    """
    order = np.argsort(-scores, kind="stable")
    hits_at = np.flatnonzero(positive[order])
    ranked = scores[order]
    first, last = _edges(ranked)
    starts, where = np.unique(first[hits_at], return_index=True)
    ends = last[hits_at[where]] + 1
    positives = order[hits_at]

    def values(weights: Floats) -> tuple[float, float]:
        taken = np.concatenate(([0.0], weights[order].cumsum()))
        new = np.add.reduceat(weights[positives], where)
        hits = new.cumsum()
        negatives = taken[-1] - hits[-1]
        if hits[-1] == 0 or negatives == 0:
            return np.nan, np.nan
        # negatives that share the rank of a positive count as half below it
        above = (taken[starts] + taken[ends] - 2 * hits + new) / 2
        area = new @ (negatives - above) / (hits[-1] * negatives)
        precision = new @ (hits / np.maximum(taken[ends], 1)) / hits[-1]
        return float(area), float(precision)

    return values


def _edges(ranked: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last position of each position's run of equal scores."""
    changes = np.flatnonzero(np.diff(ranked)) + 1
    bounds = np.concatenate(([0], changes, [len(ranked)]))
    run = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    return bounds[run], bounds[run + 1] - 1
