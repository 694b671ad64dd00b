"""GradientBoosting: trees over float32 that start from a constant."""

from typing import Final

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor

from perennial.artifacts.compiled import Decision, Estimator, Link, Sums, Taken
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.ensemble import ensemble_of
from perennial.jobs.compile.nodes import Tree, constant_tree
from perennial.jobs.compile.trees import tree_of

_PAIRS: Final = {
    "log_loss": Link.LOGISTIC_PAIR,
    "exponential": Link.DOUBLED_LOGISTIC_PAIR,
}


def compile_gradient_boosting(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile gradient boosting."""
    outputs = estimator.estimators_.shape[1]
    trees = _start(estimator, width) + [
        tree_of(tree, estimator.learning_rate * tree.tree_.value[:, 0, 0], output)
        for stage in estimator.estimators_
        for output, tree in enumerate(stage)
    ]
    scores = Sums(trees=ensemble_of(trees, outputs, width, Taken.FINITE))
    if not is_classifier(estimator):
        return Estimator(width=width, scores=scores, decision=Decision.VALUE)
    if outputs > 1:
        decision, link = Decision.LARGEST, Link.SOFTMAX
    else:
        decision, link = Decision.NOT_NEGATIVE, _PAIRS[estimator.loss]
    return Estimator(width=width, scores=scores, decision=decision, probabilities=link)


def _start(estimator: BaseEstimator, width: int) -> list[Tree]:
    """Return the initial prediction as trees, which preserves the order of the sum."""
    if not isinstance(estimator.init_, str | DummyClassifier | DummyRegressor):
        raise NotCompilableError(f"{type(estimator.init_).__name__} as init of GradientBoosting")
    raw = estimator._raw_predict_init(np.zeros((1, width)))  # noqa: SLF001 - stands nowhere else
    return [constant_tree(float(score), output) for output, score in enumerate(raw[0])]
