"""Multi-layer perceptrons: products with an activation between them."""

from collections.abc import Mapping
from typing import Final

from sklearn.base import BaseEstimator

from perennial.artifacts.compiled import (
    Activation,
    Decision,
    Estimator,
    Expression,
    Linear,
    Link,
    Linked,
    Network,
)

_LINKS: Final[Mapping[str, Link]] = {
    "identity": Link.IDENTITY,
    "exp": Link.EXPONENTIAL,
    "logistic": Link.LOGISTIC_PAIR,
    "softmax": Link.SOFTMAX,
}


def compile_network_classifier(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a network that decides by its probabilities, not by its scores."""
    return Estimator(
        width=width,
        scores=_activated(estimator),
        decision=Decision.LARGEST,
        probabilities=Link.IDENTITY,
    )


def compile_network_regressor(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a regression network."""
    return Estimator(width=width, scores=_activated(estimator), decision=Decision.VALUE)


def _activated(estimator: BaseEstimator) -> Expression:
    layers = tuple(
        Linear(coefficients=coefficients, intercept=intercept)
        for coefficients, intercept in zip(estimator.coefs_, estimator.intercepts_, strict=True)
    )
    network = Network(layers=layers, activation=Activation(estimator.activation))
    link = _LINKS[estimator.out_activation_]
    return network if link is Link.IDENTITY else Linked(of=network, link=link)
