"""AdaBoost: a weighted vote of trees, or their weighted median."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from perennial.artifacts.compiled import Decision, Estimator, Link, Median, Taken
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.ensemble import ensemble_of
from perennial.jobs.compile.nodes import Numbers
from perennial.jobs.compile.trees import leaves_of, tree_of


def compile_boosted_classifier(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a weighted vote of trees."""
    trees, weights = estimator.estimators_, estimator.estimator_weights_
    _check_base_estimator(DecisionTreeClassifier, estimator)
    votes = [
        _votes(tree.tree_.value[:, 0, :], weight)
        for tree, weight in zip(trees, weights[: len(trees)], strict=True)
    ]
    scores = leaves_of(trees, votes, width, weights.sum())
    refusing = scores.trees.model_copy(update={"taken": Taken.FINITE})
    return Estimator(
        width=width,
        scores=scores.model_copy(update={"trees": refusing}),
        decision=Decision.LARGEST,
        probabilities=Link.SOFTMAX_AMONG_OTHERS,
    )


def compile_boosted_regressor(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a weighted median of trees."""
    _check_base_estimator(DecisionTreeRegressor, estimator)
    trees = [
        tree_of(tree, tree.tree_.value[:, 0, 0], output)
        for output, tree in enumerate(estimator.estimators_)
    ]
    weights = estimator.estimator_weights_[: len(trees)].astype(np.float64)
    scores = Median(trees=ensemble_of(trees, len(trees), width, Taken.FINITE), weights=weights)
    return Estimator(width=width, scores=scores, decision=Decision.VALUE)


def _votes(likely: Numbers, weight: float) -> Numbers:
    """Return the score of each node for every class: highest for the most likely one."""
    classes = likely.shape[1]
    chosen = likely.argmax(axis=1)[:, np.newaxis] == np.arange(classes)
    return np.where(chosen, weight, -1 / (classes - 1) * weight)


def _check_base_estimator(kind: type[BaseEstimator], estimator: BaseEstimator) -> None:
    for tree in estimator.estimators_:
        if type(tree) is not kind:
            raise NotCompilableError(f"{type(estimator).__name__} of {type(tree).__name__}")
