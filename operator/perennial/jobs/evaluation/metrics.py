"""Metrics by scikit-learn's names, as functions of the weight of each row.

A bootstrap resample is a weight per row, so one pass over prepared arrays evaluates it. With more
than two classes, f1, precision and recall are macro averages, roc_auc and average_precision are
averages over one class against the rest, and brier_score is the sum over classes.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from perennial.api.model import Metric
from perennial.jobs.evaluation.predictions import (
    ClassPredictions,
    Floats,
    Predictions,
    RegressionPredictions,
)
from perennial.jobs.evaluation.ranking import Ranking, ranking

Values = Mapping[Metric, float]
MetricFunction = Callable[[Floats], Values]


def metric_function(predictions: Predictions) -> MetricFunction:
    """Return the function from the weight of each row to the metrics of these predictions."""
    if isinstance(predictions, RegressionPredictions):
        return _regression_metrics(predictions)
    families = [
        _label_metrics(predictions),
        _ranking_metrics(predictions),
        _probability_metrics(predictions),
    ]

    def all_of(weights: Floats) -> Values:
        return {name: value for family in families for name, value in family(weights).items()}

    return all_of


def _regression_metrics(predictions: RegressionPredictions) -> MetricFunction:
    actual, errors = predictions.actual, predictions.predicted - predictions.actual
    centred = actual - actual.mean()
    absolute, squared = np.abs(errors), errors**2
    relative = absolute / np.maximum(np.abs(actual), np.finfo(np.float64).eps)
    median = _weighted_median(absolute)

    def values(weights: Floats) -> Values:
        total = weights.sum()
        mean_square = weights @ squared / total
        spread = weights @ centred**2 / total - (weights @ centred / total) ** 2
        return {
            Metric.R2: 1 - mean_square / spread if spread > 0 else np.nan,
            Metric.MEAN_ABSOLUTE_ERROR: weights @ absolute / total,
            Metric.MEAN_SQUARED_ERROR: mean_square,
            Metric.ROOT_MEAN_SQUARED_ERROR: np.sqrt(mean_square),
            Metric.MEDIAN_ABSOLUTE_ERROR: median(weights),
            Metric.MEAN_ABSOLUTE_PERCENTAGE_ERROR: weights @ relative / total,
        }

    return values


def _weighted_median(values: Floats) -> Callable[[Floats], float]:
    """Return the median of values with whole weights."""
    order = np.argsort(values)
    ordered = values[order]

    def median(weights: Floats) -> float:
        until = np.cumsum(weights[order])
        middle = np.searchsorted(until, [until[-1] // 2 + 1, (until[-1] + 1) // 2])
        return float(ordered[middle].mean())

    return median


def _label_metrics(predictions: ClassPredictions) -> MetricFunction:
    classes, positive = predictions.classes, predictions.positive
    cells = predictions.actual * classes + predictions.predicted

    def values(weights: Floats) -> Values:
        counts = np.bincount(cells, weights, classes**2).astype(np.float64)
        table = counts.reshape(classes, classes)
        hits, true, predicted = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
        occurs = true > 0
        chosen = np.array([positive]) if positive is not None else np.flatnonzero(true + predicted)
        return {
            Metric.ACCURACY: hits.sum() / table.sum(),
            Metric.BALANCED_ACCURACY: float(np.mean(hits[occurs] / true[occurs])),
            Metric.F1: _mean_share(2 * hits, true + predicted, chosen),
            Metric.PRECISION: _mean_share(hits, predicted, chosen),
            Metric.RECALL: _mean_share(hits, true, chosen),
        }

    return values


def _mean_share(part: Floats, whole: Floats, chosen: NDArray[np.int64]) -> float:
    """Return the mean of part / whole, where 0 / 0 is 0, like zero_division=0 of scikit-learn."""
    return float(np.mean(part[chosen] / np.maximum(whole[chosen], 1)))


def _probability_metrics(predictions: ClassPredictions) -> MetricFunction:
    probabilities = predictions.probabilities
    if probabilities is None:
        return lambda _: {}
    actual = np.eye(predictions.classes)[predictions.actual]
    eps = np.finfo(np.float64).eps
    log_losses = -np.log(np.clip(probabilities[actual > 0], eps, 1 - eps))
    squares = ((probabilities - actual) ** 2).sum(axis=1)
    if predictions.positive is not None:
        squares /= 2  # with two classes both columns have the same error

    def values(weights: Floats) -> Values:
        total = weights.sum()
        return {
            Metric.LOG_LOSS: weights @ log_losses / total,
            Metric.BRIER_SCORE: weights @ squares / total,
        }

    return values


def _ranking_metrics(predictions: ClassPredictions) -> MetricFunction:
    rankings = list(_one_against_rest(predictions))
    if not rankings:
        return lambda _: {}

    def values(weights: Floats) -> Values:
        both = np.array([rank(weights) for rank in rankings])
        area, precision = both.mean(axis=0)
        return {Metric.ROC_AUC: area, Metric.AVERAGE_PRECISION: precision}

    return values


def _one_against_rest(predictions: ClassPredictions) -> Iterator[Ranking]:
    if predictions.positive is not None and predictions.scores is not None:
        yield ranking(predictions.actual == predictions.positive, predictions.scores)
    elif predictions.positive is None and predictions.probabilities is not None:
        for code in range(predictions.classes):
            yield ranking(predictions.actual == code, predictions.probabilities[:, code])
