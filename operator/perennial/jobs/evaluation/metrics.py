"""Measures by scikit-learn's names, as functions of how often each row counts.

A resample of n rows is n counts, so one pass over prepared arrays measures it. With more than two
classes f1, precision and recall are means over classes, roc_auc and average_precision means over
one class against the rest, and brier_score is the sum over classes.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from perennial.api.model import Metric
from perennial.jobs.evaluation.predicted import Classified, Estimated, Floats, Outcome
from perennial.jobs.evaluation.ranking import Ranking, ranking

Values = Mapping[Metric, float]
Measures = Callable[[Floats], Values]


def measures(outcome: Outcome) -> Measures:
    """Return the function that measures an outcome, given the weight of each row."""
    if isinstance(outcome, Estimated):
        return _of_numbers(outcome)
    families = [_of_decisions(outcome), _of_ranks(outcome), _of_probabilities(outcome)]

    def all_of(weights: Floats) -> Values:
        return {name: value for family in families for name, value in family(weights).items()}

    return all_of


def _of_numbers(outcome: Estimated) -> Measures:
    truth, errors = outcome.truth, outcome.said - outcome.truth
    centred = truth - truth.mean()
    absolute, squared = np.abs(errors), errors**2
    relative = absolute / np.maximum(np.abs(truth), np.finfo(np.float64).eps)
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
    """Return the median of values that count a whole number of times."""
    order = np.argsort(values)
    ordered = values[order]

    def median(weights: Floats) -> float:
        until = np.cumsum(weights[order])
        middle = np.searchsorted(until, [until[-1] // 2 + 1, (until[-1] + 1) // 2])
        return float(ordered[middle].mean())

    return median


def _of_decisions(outcome: Classified) -> Measures:
    classes, positive = outcome.classes, outcome.positive
    cells = outcome.truth * classes + outcome.said

    def values(weights: Floats) -> Values:
        counts = np.bincount(cells, weights, classes**2).astype(np.float64)
        table = counts.reshape(classes, classes)
        hits, true, said = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
        occurs = true > 0
        chosen = np.array([positive]) if positive is not None else np.flatnonzero(true + said)
        return {
            Metric.ACCURACY: hits.sum() / table.sum(),
            Metric.BALANCED_ACCURACY: float(np.mean(hits[occurs] / true[occurs])),
            Metric.F1: _mean_share(2 * hits, true + said, chosen),
            Metric.PRECISION: _mean_share(hits, said, chosen),
            Metric.RECALL: _mean_share(hits, true, chosen),
        }

    return values


def _mean_share(part: Floats, whole: Floats, chosen: NDArray[np.int64]) -> float:
    """Return the mean of part over whole; nothing of nothing is nothing, as scikit-learn has it."""
    return float(np.mean(part[chosen] / np.maximum(whole[chosen], 1)))


def _of_probabilities(outcome: Classified) -> Measures:
    probabilities = outcome.probabilities
    if probabilities is None:
        return lambda _: {}
    truth = np.eye(outcome.classes)[outcome.truth]
    eps = np.finfo(np.float64).eps
    log_losses = -np.log(np.clip(probabilities[truth > 0], eps, 1 - eps))
    squares = ((probabilities - truth) ** 2).sum(axis=1)
    if outcome.positive is not None:
        squares /= 2  # of two classes one tells all

    def values(weights: Floats) -> Values:
        total = weights.sum()
        return {
            Metric.LOG_LOSS: weights @ log_losses / total,
            Metric.BRIER_SCORE: weights @ squares / total,
        }

    return values


def _of_ranks(outcome: Classified) -> Measures:
    rankings = list(_rankings(outcome))
    if not rankings:
        return lambda _: {}

    def values(weights: Floats) -> Values:
        both = np.array([measured(weights) for measured in rankings])
        area, precision = both.mean(axis=0)
        return {Metric.ROC_AUC: area, Metric.AVERAGE_PRECISION: precision}

    return values


def _rankings(outcome: Classified) -> Iterator[Ranking]:
    if outcome.positive is not None and outcome.scores is not None:
        yield ranking(outcome.truth == outcome.positive, outcome.scores)
    elif outcome.positive is None and outcome.probabilities is not None:
        for code in range(outcome.classes):
            yield ranking(outcome.truth == code, outcome.probabilities[:, code])
