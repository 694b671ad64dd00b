"""Voting: the weighted mean of probabilities, or of numbers."""

from collections.abc import Callable

import numpy as np
from sklearn.base import BaseEstimator

from perennial.artifacts.compiled import Decision, Estimator, Expression, Link, Linked, Mean
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.nodes import Numbers

Compile = Callable[[BaseEstimator, int], Estimator]
"""Compiles a part for dense rows of a width."""


def compile_voting_classifier(
    estimator: BaseEstimator, width: int, compile_part: Compile
) -> Estimator:
    """Compile a soft vote."""
    if estimator.voting != "soft":
        raise NotCompilableError("VotingClassifier that counts votes")
    parts = [probabilities_of(compile_part(member, width)) for member in estimator.estimators_]
    return Estimator(
        width=width,
        scores=Mean(parts=tuple(parts), weights=_weights(estimator)),
        decision=Decision.LARGEST,
        probabilities=Link.IDENTITY,
    )


def compile_voting_regressor(
    estimator: BaseEstimator, width: int, compile_part: Compile
) -> Estimator:
    """Compile a mean of regressions."""
    parts = [compile_part(member, width).scores for member in estimator.estimators_]
    return Estimator(
        width=width,
        scores=Mean(parts=tuple(parts), weights=_weights(estimator)),
        decision=Decision.VALUE,
    )


def probabilities_of(part: Estimator) -> Expression:
    """Return the probabilities of a compiled classifier as an expression of their own."""
    if part.probabilities is None:
        raise NotCompilableError("a part that gives no probabilities")
    if part.probabilities is Link.IDENTITY:
        return part.scores
    return Linked(of=part.scores, link=part.probabilities)


def _weights(estimator: BaseEstimator) -> Numbers | None:
    weights = estimator._weights_not_none  # noqa: SLF001 - leaves out what was dropped
    return None if weights is None else np.array(weights, np.float64)
