"""Linear models: a matrix product, then at most a link."""

import numpy as np
from sklearn.base import BaseEstimator

from perennial.artifacts.compiled import Decision, Estimator, Linear, Link
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.links import linked
from perennial.jobs.compile.nodes import Numbers


def compile_regression(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a regression whose answer is the product itself."""
    return Estimator(width=width, scores=_product(estimator), decision=Decision.VALUE)


def compile_generalized(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a generalized linear model."""
    link = estimator._base_loss.link  # noqa: SLF001 - "auto" is resolved only there
    scores = linked(_product(estimator), link)
    return Estimator(width=width, scores=scores, decision=Decision.VALUE)


def compile_latent_regression(estimator: BaseEstimator, width: int) -> Estimator:
    """Return a partial least squares regression compiled, which centres its rows."""
    scores = _product(estimator, centre=estimator._x_mean)  # noqa: SLF001 - stands nowhere else
    return Estimator(width=width, scores=scores, decision=Decision.VALUE)


def compile_labels(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a linear classifier that gives no probabilities."""
    return _classifier(estimator, width, None, None)


def compile_logistic(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a classifier whose scores are logarithms of odds."""
    return _classifier(estimator, width, Link.LOGISTIC_PAIR, Link.SOFTMAX)


def compile_gradient_descent(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile a classifier that was fitted by stochastic gradient descent."""
    match estimator.loss:
        case "log_loss":
            return _classifier(estimator, width, Link.LOGISTIC_PAIR, Link.ONE_VERSUS_REST)
        case "modified_huber":
            return _classifier(estimator, width, Link.CLIPPED_PAIR, Link.CLIPPED_VERSUS_REST)
        case _:
            return compile_labels(estimator, width)


def _classifier(
    estimator: BaseEstimator, width: int, of_two: Link | None, of_more: Link | None
) -> Estimator:
    product = _product(estimator)
    if product.coefficients.shape[1] == 1:
        decision, link = Decision.POSITIVE, of_two
    else:
        decision, link = Decision.LARGEST, of_more
    return Estimator(width=width, scores=product, decision=decision, probabilities=link)


def _product(estimator: BaseEstimator, centre: Numbers | None = None) -> Linear:
    if not isinstance(estimator.coef_, np.ndarray):
        raise NotCompilableError(f"sparse coefficients of {type(estimator).__name__}")
    coefficients = np.atleast_2d(estimator.coef_).T.astype(np.float64)
    intercept = np.asarray(estimator.intercept_, np.float64).ravel()
    return Linear(
        coefficients=coefficients,
        intercept=np.broadcast_to(intercept, coefficients.shape[1:]).copy(),
        centre=centre,
    )
