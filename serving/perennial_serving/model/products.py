"""Scores from matrix products: linear models, networks and normal densities."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import Activation, Linear, Network, Normal, Taken
from perennial_serving.model.accepted_values import Dense, refuse_others
from perennial_serving.model.links import Scores, logistic


def product(stored: Linear | Network | Normal) -> Callable[[Dense], Scores]:
    """Return the function of an expression of products."""
    match stored:
        case Linear():
            return partial(_linear, stored)
        case Network():
            return partial(_network, stored)
        case Normal():
            return partial(_normal, stored)


def _linear(stored: Linear, dense: Dense) -> Scores:
    refuse_others(dense, Taken.FINITE)
    with np.errstate(over="ignore", invalid="ignore"):  # an infinite answer is rejected later
        return _product(stored, dense)


def _network(stored: Network, dense: Dense) -> Scores:
    """Return the output of the last layer, before its activation."""
    refuse_others(dense, Taken.FINITE)
    activate = _ACTIVATIONS[stored.activation]
    with np.errstate(over="ignore", invalid="ignore"):  # as above
        for layer in stored.layers[:-1]:
            dense = activate(_product(layer, dense))
        return _product(stored.layers[-1], dense)


def _normal(stored: Normal, dense: Dense) -> Scores:
    """Return joint log-likelihoods."""
    refuse_others(dense, Taken.FINITE)
    with np.errstate(over="ignore", invalid="ignore"):  # as above
        classes = zip(stored.means, stored.variances, strict=True)
        distances = [((dense - mean) ** 2 / variance).sum(axis=1) for mean, variance in classes]
        scores: Scores = stored.prior + (stored.scale - 0.5 * np.array(distances).T)
    return scores


def _product(stored: Linear, dense: Dense) -> Scores:
    if stored.centre is not None:
        dense = dense - stored.centre
    if stored.above is not None:
        dense = (dense > stored.above).astype(np.float64)
    scores: Scores = dense @ stored.coefficients + stored.intercept
    return scores


def _unchanged(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values


def _rectified(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(values, 0.0)


def _bent(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.tanh(values)


_ACTIVATIONS: Final[Mapping[Activation, Callable[[Scores], Scores]]] = {
    Activation.IDENTITY: _unchanged,
    Activation.LOGISTIC: logistic,
    Activation.RELU: _rectified,
    Activation.TANH: _bent,
}
