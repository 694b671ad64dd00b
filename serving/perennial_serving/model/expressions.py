"""Turns each kind of expression into a function from dense rows to scores."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import (
    Calibrated,
    Constant,
    Expression,
    Leaves,
    Linear,
    Linked,
    Mean,
    Median,
    Network,
    Normal,
    Sums,
    Tempered,
)
from perennial_serving.model.accepted_values import Dense
from perennial_serving.model.calibrated import calibrated, tempered
from perennial_serving.model.links import LINKS, Scores
from perennial_serving.model.products import product

Evaluate = Callable[[Dense], Scores]


def evaluator(expression: Expression, width: int) -> Evaluate:
    """Return the function of an expression, for dense rows of this width."""
    match expression:
        case Constant():
            return partial(_constant, expression.scores)
        case Linear() | Network() | Normal():
            return product(expression)
        case Sums() | Leaves() | Median():
            return _forest(expression, width)
        case Mean():
            parts = [evaluator(part, width) for part in expression.parts]
            return partial(_mean, parts, expression.weights)
        case Linked() | Calibrated() | Tempered():
            return partial(_after, evaluator(expression.of, width), _step(expression))


def _step(expression: Linked | Calibrated | Tempered) -> Callable[[Scores], Scores]:
    match expression:
        case Linked():
            return LINKS[expression.link]
        case Calibrated():
            return calibrated(expression)
        case Tempered():
            return tempered(expression)


def _after(scores: Evaluate, step: Callable[[Scores], Scores], dense: Dense) -> Scores:
    return step(scores(dense))


def _forest(expression: Sums | Leaves | Median, width: int) -> Evaluate:
    # ONNX Runtime takes 50 MB, which only models with trees need
    from perennial_serving.model.forests import forest  # noqa: PLC0415

    return forest(expression, width)


def _constant(scores: NDArray[np.float64], dense: Dense) -> Scores:
    return np.tile(scores, (len(dense), 1))


def _mean(parts: list[Evaluate], weights: NDArray[np.float64] | None, dense: Dense) -> Scores:
    scores = np.array([part(dense) for part in parts])
    if weights is None:
        mean: Scores = scores.mean(axis=0)
        return mean
    weighted: Scores = (scores * weights[:, None, None]).sum(axis=0) / weights.sum()
    return weighted
