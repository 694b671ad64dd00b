"""HistGradientBoosting: float64, missing values at every node, categories as sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier

from perennial.artifacts.compiled import Decision, Estimator, Link, Sums, Taken
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.ensemble import ensemble_of
from perennial.jobs.compile.links import linked
from perennial.jobs.compile.nodes import Flags, Indices, Numbers, Tree, constant_tree

_BITS: Final = 32
_LARGEST: Final = 2.0**31


@dataclass(frozen=True, slots=True)
class _Columns:
    """The column order and the categories of the estimator's own preprocessor."""

    outer: Indices
    """Column of a dense row, by the feature index of the trees."""
    categories: Mapping[int, Numbers]
    """The encoded categories of a feature, in the order of the bits."""

    @classmethod
    def of(cls, estimator: BaseEstimator, width: int) -> Self:
        """Read the order and the categories of a fitted estimator."""
        if estimator.is_categorical_ is None:
            return cls(np.arange(width), {})
        encoder = estimator._preprocessor.named_transformers_["encoder"]  # noqa: SLF001
        # categories come first, then all others
        outer = np.argsort(~estimator.is_categorical_, kind="stable")
        known = [values[~np.isnan(values)] for values in encoder.categories_]
        if not all(_are_whole(values) for values in known):
            raise NotCompilableError("categories of HistGradientBoosting that are no whole numbers")
        return cls(outer, dict(enumerate(known)))


def compile_histogram_boosting(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile histogram gradient boosting."""
    start = estimator._baseline_prediction.ravel()  # noqa: SLF001 - stands nowhere else
    columns, outputs = _Columns.of(estimator, width), len(start)
    # as trees of their own, or ONNX Runtime would add them last
    trees = [constant_tree(float(score), output) for output, score in enumerate(start)]
    trees += [
        _tree(tree.nodes, tree.raw_left_cat_bitsets, columns, output)
        for iteration in estimator._predictors  # noqa: SLF001 - stands nowhere else
        for output, tree in enumerate(iteration)
    ]
    whole = columns.outer[: len(columns.categories)].tolist()
    together = ensemble_of(trees, outputs, width, Taken.ANYTHING, single=False, whole=whole)
    return _decided(estimator, width, Sums(trees=together))


def _decided(estimator: BaseEstimator, width: int, scores: Sums) -> Estimator:
    if not is_classifier(estimator):
        amounts = linked(scores, estimator._loss.link)  # noqa: SLF001 - stands nowhere else
        return Estimator(width=width, scores=amounts, decision=Decision.VALUE)
    if scores.trees.outputs > 1:
        decision, link = Decision.LARGEST, Link.SOFTMAX
    else:
        decision, link = Decision.POSITIVE, Link.LOGISTIC_PAIR
    return Estimator(width=width, scores=scores, decision=decision, probabilities=link)


def _tree(
    nodes: NDArray[np.void], bitsets: NDArray[np.uint32], columns: _Columns, output: int
) -> Tree:
    leaf, categorical = nodes["is_leaf"].astype(np.bool_), nodes["is_categorical"].astype(np.bool_)
    if leaf[0]:
        return constant_tree(float(nodes["value"][0]), output)
    left, right = nodes["left"].astype(np.intp), nodes["right"].astype(np.intp)
    missing_left = nodes["missing_go_to_left"].astype(np.bool_)
    # no set names missing or unknown categories: they need the false side
    swapped = categorical & missing_left & ~leaf
    return Tree(
        feature=columns.outer[np.where(leaf, 0, nodes["feature_idx"])],
        split=np.where(categorical, 0.0, nodes["num_threshold"]),
        true=np.where(leaf, -1, np.where(swapped, right, left)),
        false=np.where(leaf, -1, np.where(swapped, left, right)),
        missing_true=missing_left & ~categorical,
        weight=nodes["value"].astype(np.float64),
        output=output,
        members=_members(nodes, bitsets, columns, swapped),
    )


def _members(
    nodes: NDArray[np.void], bitsets: NDArray[np.uint32], columns: _Columns, swapped: Flags
) -> dict[int, Numbers]:
    """Return the categories of each node's true branch."""
    sets = {}
    for position in np.flatnonzero(nodes["is_categorical"] & ~nodes["is_leaf"]).tolist():
        known = columns.categories[int(nodes["feature_idx"][position])]
        left = _holds(bitsets[nodes["bitset_idx"][position]], len(known))
        members = known[left != swapped[position]]
        if not members.size:
            raise NotCompilableError("a split of HistGradientBoosting that no category passes")
        sets[position] = members
    return sets


def _are_whole(values: Numbers) -> bool:
    """Whether ONNX Runtime can hold these members, for which it has 32 bits."""
    return bool(np.all((values == np.floor(values)) & (np.abs(values) < _LARGEST)))


def _holds(bitset: NDArray[np.uint32], count: int) -> Flags:
    bits = np.arange(count)
    return (bitset[bits // _BITS] >> (bits % _BITS).astype(np.uint32) & 1).astype(np.bool_)
