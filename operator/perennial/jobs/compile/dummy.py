"""Dummy estimators: the same prediction for every row."""

import numpy as np
from sklearn.base import BaseEstimator

from perennial.artifacts.compiled import Constant, Decision, Estimator, Link
from perennial.jobs.compile import NotCompilableError

_DRAWN = ("stratified", "uniform")


def compile_dummy_classifier(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a dummy classifier; it predicts the most likely class."""
    if estimator.strategy in _DRAWN:
        raise NotCompilableError(f"DummyClassifier draws its answers: {estimator.strategy}")
    return Estimator(
        width=width,
        scores=Constant(scores=estimator.predict_proba(np.zeros((1, width)))[0]),
        decision=Decision.LARGEST,
        probabilities=Link.IDENTITY,
    )


def compile_dummy_regressor(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a dummy regressor."""
    scores = Constant(scores=estimator.constant_.ravel().astype(np.float64))
    return Estimator(width=width, scores=scores, decision=Decision.VALUE)
