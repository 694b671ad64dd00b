"""Forests: sums, means of leaf values, and medians of trees."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import Leaves, Median, Sums
from perennial_serving.model.accepted_values import Dense
from perennial_serving.model.links import Scores
from perennial_serving.model.tree_session import TreeSession

Numbers = NDArray[np.float64]

_CHUNK: Final = 1 << 20
"""Numbers that are gathered from the table at a time."""


def forest(stored: Sums | Leaves | Median, width: int) -> Callable[[Dense], Scores]:
    """Return the function of an expression of trees."""
    # do not keep the bytes of the ONNX model after loading
    session = TreeSession(stored.trees, width)
    match stored:
        case Sums(divisor=1):
            return session
        case Sums():
            return partial(_sums, session, stored.divisor)
        case Leaves():
            return partial(_leaves, session, stored.table, stored.divisor)
        case Median():
            return partial(_median, session, stored.weights)


def _sums(session: TreeSession, divisor: int, dense: Dense) -> Scores:
    return session(dense) / divisor


def _leaves(session: TreeSession, table: Numbers, divisor: Numbers, dense: Dense) -> Scores:
    """Add leaf values tree by tree, as scikit-learn does: the order changes the last digits."""
    leaves = session(dense).astype(np.intp)
    rows, trees = leaves.shape
    step = max(1, _CHUNK // (trees * table.shape[1]))
    sums: list[Scores] = [table[leaves[at : at + step]].sum(axis=1) for at in range(0, rows, step)]
    joined: Scores = sums[0] if len(sums) == 1 else np.concatenate(sums)
    joined /= divisor
    return joined


def _median(session: TreeSession, weights: Numbers, dense: Dense) -> Scores:
    amounts = session(dense)
    order = amounts.argsort(axis=1)
    below = weights[order].cumsum(axis=1)
    middle = (below >= 0.5 * below[:, -1:]).argmax(axis=1)[:, np.newaxis]
    return np.take_along_axis(amounts, np.take_along_axis(order, middle, axis=1), axis=1)
