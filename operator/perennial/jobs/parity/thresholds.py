"""Thresholds of the trees of a fitted estimator."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

Fitted = Any  # scikit-learn has no types


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Pairs of a feature and a threshold."""

    features: Places
    values: Floats

    def of(self, feature: int) -> Floats:
        """Return the thresholds of one feature."""
        values: Floats = self.values[self.features == feature]
        return values


def thresholds_of(estimator: Fitted) -> Thresholds:
    """Return every threshold of every tree in a fitted estimator."""
    found = list(_splits(estimator))
    if not found:
        return Thresholds(np.empty(0, np.intp), np.empty(0))
    features, values = zip(*found, strict=True)
    both = np.unique(np.column_stack([np.concatenate(features), np.concatenate(values)]), axis=0)
    return Thresholds(both[:, 0].astype(np.intp), both[:, 1])


def _splits(estimator: Fitted) -> Iterator[tuple[Places, Floats]]:
    if hasattr(estimator, "tree_"):
        tree = estimator.tree_
        inner = tree.feature >= 0
        yield tree.feature[inner], tree.threshold[inner]
    elif hasattr(estimator, "_predictors"):
        yield from _histogram_splits(estimator)
    for part in _parts(estimator):
        yield from _splits(part)


def _histogram_splits(estimator: Fitted) -> Iterator[tuple[Places, Floats]]:
    """Yield the splits of histogram gradient boosting, which puts categories first."""
    order = np.arange(estimator.n_features_in_)
    if (is_category := estimator.is_categorical_) is not None:
        order = np.concatenate([np.flatnonzero(is_category), np.flatnonzero(~is_category)])
    for tree in (tree for trees in estimator._predictors for tree in trees):  # noqa: SLF001 - no other way to its trees
        inner = tree.nodes[(tree.nodes["is_leaf"] == 0) & (tree.nodes["is_categorical"] == 0)]
        yield order[inner["feature_idx"]], inner["num_threshold"]


def _parts(estimator: Fitted) -> Iterator[Fitted]:
    """Yield the estimators that a fitted one consists of."""
    members = getattr(estimator, "estimators_", ())
    yield from members.ravel() if isinstance(members, np.ndarray) else members
    for calibrated in getattr(estimator, "calibrated_classifiers_", ()):
        yield calibrated.estimator
