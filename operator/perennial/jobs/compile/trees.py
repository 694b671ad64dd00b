"""Decision trees and forests: numbers rounded to float32, leaves averaged over the trees."""

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils import get_tags

from perennial.artifacts.compiled import Decision, Estimator, Leaves, Link, Sums, Taken
from perennial.jobs.compile.ensemble import ensemble_of
from perennial.jobs.compile.nodes import Numbers, Tree, constant_tree

LEAF = -1


def compile_tree(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a single tree."""
    return _averaged(estimator, [estimator], width)


def compile_forest(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a forest."""
    return _averaged(estimator, estimator.estimators_, width)


def tree_of(fitted: BaseEstimator, weight: Numbers, output: int) -> Tree:
    """Return a fitted tree with these leaf values."""
    tree = fitted.tree_
    if tree.node_count == 1:
        return constant_tree(float(weight[0]), output)
    return Tree(
        feature=np.maximum(tree.feature, 0).astype(np.intp),
        split=tree.threshold,
        true=tree.children_left,
        false=tree.children_right,
        missing_true=tree.missing_go_to_left.astype(np.bool_),
        weight=weight,
        output=output,
    )


def _averaged(estimator: BaseEstimator, fitted: Sequence[BaseEstimator], width: int) -> Estimator:
    if is_classifier(estimator):
        scores = leaves_of(
            fitted, [tree.tree_.value[:, 0, :] for tree in fitted], width, len(fitted)
        )
        return Estimator(
            width=width, scores=scores, decision=Decision.LARGEST, probabilities=Link.IDENTITY
        )
    trees = [tree_of(tree, tree.tree_.value[:, 0, 0], 0) for tree in fitted]
    summed = ensemble_of(trees, 1, width, _taken(fitted[0]))
    return Estimator(
        width=width, scores=Sums(trees=summed, divisor=len(trees)), decision=Decision.VALUE
    )


def leaves_of(
    fitted: Sequence[BaseEstimator], lines: Sequence[Numbers], width: int, divisor: float
) -> Leaves:
    """Let each tree return the leaf of a row, so that a tree is not repeated per class."""
    trees, table, before = [], [], 0
    for output, (tree, by_node) in enumerate(zip(fitted, lines, strict=True)):
        leaf = tree.tree_.children_left == LEAF
        trees.append(tree_of(tree, before + np.cumsum(leaf) - 1.0, output))
        table.append(by_node[leaf])
        before += int(leaf.sum())
    return Leaves(
        trees=ensemble_of(trees, len(trees), width, _taken(fitted[0])),
        table=np.concatenate(table),
        divisor=np.array([divisor], np.float64),
    )


def _taken(fitted: BaseEstimator) -> Taken:
    return Taken.MISSING if get_tags(fitted).input_tags.allow_nan else Taken.FINITE
