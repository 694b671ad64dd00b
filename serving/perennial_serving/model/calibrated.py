"""Calibrated probabilities from scores."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import Calibrated, Curve, Isotonic, Sigmoid, Tempered
from perennial_serving.model.links import Scores, logistic, shares, softmax

_JUST_ABOVE_ONE: Final = 1.0 + 1e-5
_LEAST_PROBABILITY: Final = 1e-12


def calibrated(stored: Calibrated) -> Callable[[Scores], Scores]:
    """Return the function that applies one calibration curve per class."""
    curves = tuple(zip(stored.columns, stored.curves, stored.classes, strict=True))
    return partial(_calibrated, curves, stored.outputs)


def tempered(stored: Tempered) -> Callable[[Scores], Scores]:
    """Return the softmax at the learned temperature."""
    return partial(_of_probabilities if stored.of_probabilities else _of_scores, stored.beta)


def _calibrated(curves: Sequence[tuple[int, Curve, int]], outputs: int, scores: Scores) -> Scores:
    likely = np.zeros((len(scores), outputs))
    for column, curve, place in curves:
        likely[:, place] = _height(curve, scores[:, column])
    if outputs == 2:  # noqa: PLR2004 - one curve gives both classes
        likely[:, 0] = 1.0 - likely[:, 1]
    else:
        likely = shares(likely)
    likely[(likely > 1.0) & (likely <= _JUST_ABOVE_ONE)] = 1.0
    return likely


def _of_probabilities(beta: NDArray[np.float64], likely: Scores) -> Scores:
    return softmax(beta * np.log(likely + _LEAST_PROBABILITY))


def _of_scores(beta: NDArray[np.float64], scores: Scores) -> Scores:
    if scores.shape[1] == 1:
        scores = np.concatenate([-scores, scores], axis=1)
    return softmax(beta * scores)


def _height(curve: Curve, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    match curve:
        case Sigmoid():
            slope, offset = curve.slope_and_offset
            return logistic(-(slope * scores + offset))
        case Isotonic():
            return np.interp(scores, *curve.points)
