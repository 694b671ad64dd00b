import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from perennial.api.model import CLASSIFICATION_METRICS, REGRESSION_METRICS, Metric
from perennial.jobs.evaluation.metrics import metric_function
from perennial.jobs.evaluation.predictions import ClassPredictions, RegressionPredictions

ROWS = 60
SOME = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 10_000)


def class_predictions(
    classes: int, seed: int, digits: int = 2, positive: int | None = None
) -> ClassPredictions:
    """Answers that are right more often than not; few digits make ties."""
    random = np.random.default_rng(seed)
    actual = np.concatenate([np.arange(classes), random.integers(0, classes, ROWS - classes)])
    sure = np.round(random.random((ROWS, classes)) + np.eye(classes)[actual], digits) + 0.01
    probabilities = sure / sure.sum(axis=1, keepdims=True)
    if classes == 2 and positive is None:
        positive = 1
    return ClassPredictions(
        actual=actual,
        predicted=probabilities.argmax(axis=1),
        classes=classes,
        positive=positive,
        probabilities=probabilities,
        scores=None if positive is None else probabilities[:, positive],
    )


def regression_predictions(seed: int) -> RegressionPredictions:
    random = np.random.default_rng(seed)
    actual = random.normal(1e4, 50, ROWS)
    return RegressionPredictions(actual=actual, predicted=actual + random.normal(0, 20, ROWS))


def counts(seed: int, predictions) -> np.ndarray:
    """How often each row was drawn; every class keeps a row."""
    drawn = np.random.default_rng(seed + 1).integers(0, 4, ROWS)
    drawn[:3] = np.maximum(drawn[:3], 1)
    return drawn.astype(float)


def repeated(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.repeat(values, weights.astype(int), axis=0)


def by_scikit_learn(predictions: ClassPredictions, weights: np.ndarray) -> dict[Metric, float]:
    actual, predicted = (
        repeated(predictions.actual, weights),
        repeated(predictions.predicted, weights),
    )
    sure = repeated(predictions.probabilities, weights)
    of_two = predictions.positive is not None
    averaged = {"pos_label": predictions.positive} if of_two else {"average": "macro"}
    scores = sure[:, predictions.positive] if of_two else sure
    ranked = actual == predictions.positive if of_two else actual
    labels = list(range(predictions.classes))
    return {
        Metric.ROC_AUC: metrics.roc_auc_score(ranked, scores, multi_class="ovr"),
        Metric.AVERAGE_PRECISION: metrics.average_precision_score(ranked, scores),
        Metric.ACCURACY: metrics.accuracy_score(actual, predicted),
        Metric.BALANCED_ACCURACY: metrics.balanced_accuracy_score(actual, predicted),
        Metric.F1: metrics.f1_score(actual, predicted, zero_division=0, **averaged),
        Metric.PRECISION: metrics.precision_score(actual, predicted, zero_division=0, **averaged),
        Metric.RECALL: metrics.recall_score(actual, predicted, zero_division=0, **averaged),
        Metric.LOG_LOSS: metrics.log_loss(actual, sure, labels=labels),
        Metric.BRIER_SCORE: metrics.brier_score_loss(ranked, scores),
    }


def numbers_by_scikit_learn(
    predictions: RegressionPredictions, weights: np.ndarray
) -> dict[Metric, float]:
    actual, predicted = (
        repeated(predictions.actual, weights),
        repeated(predictions.predicted, weights),
    )
    return {
        Metric.R2: metrics.r2_score(actual, predicted),
        Metric.MEAN_ABSOLUTE_ERROR: metrics.mean_absolute_error(actual, predicted),
        Metric.MEAN_SQUARED_ERROR: metrics.mean_squared_error(actual, predicted),
        Metric.ROOT_MEAN_SQUARED_ERROR: metrics.root_mean_squared_error(actual, predicted),
        Metric.MEDIAN_ABSOLUTE_ERROR: metrics.median_absolute_error(actual, predicted),
        Metric.MEAN_ABSOLUTE_PERCENTAGE_ERROR: metrics.mean_absolute_percentage_error(
            actual, predicted
        ),
    }


@SOME
@given(SEEDS, st.sampled_from([(2, 1), (2, 0), (3, None), (5, None)]), st.sampled_from([1, 6]))
def test_metrics_of_classes_are_those_of_scikit_learn(seed, kind, digits):
    classes, positive = kind
    predictions = class_predictions(classes, seed, digits, positive)
    expected = by_scikit_learn(predictions, np.ones(ROWS))
    assert metric_function(predictions)(np.ones(ROWS)) == pytest.approx(expected, abs=1e-12)
    assert expected.keys() == set(CLASSIFICATION_METRICS)


@SOME
@given(SEEDS, st.sampled_from([(2, 1), (2, 0), (3, None)]), st.sampled_from([1, 6]))
def test_a_count_is_a_row_that_is_there_several_times(seed, kind, digits):
    classes, positive = kind
    predictions = class_predictions(classes, seed, digits, positive)
    weights = counts(seed, predictions)
    expected = by_scikit_learn(predictions, weights)
    assert metric_function(predictions)(weights) == pytest.approx(expected, abs=1e-12)


@SOME
@given(SEEDS)
def test_metrics_of_numbers_are_those_of_scikit_learn(seed):
    predictions = regression_predictions(seed)
    for weights in (np.ones(ROWS), counts(seed, predictions)):
        expected = numbers_by_scikit_learn(predictions, weights)
        assert metric_function(predictions)(weights) == pytest.approx(expected, rel=1e-9)
        assert expected.keys() == set(REGRESSION_METRICS)


def test_scores_without_probabilities_still_rank():
    sure = class_predictions(2, seed=1)
    predictions = ClassPredictions(
        sure.actual, sure.predicted, 2, 1, probabilities=None, scores=sure.scores * 9
    )
    found, expected = (
        metric_function(predictions)(np.ones(ROWS)),
        metric_function(sure)(np.ones(ROWS)),
    )
    assert found[Metric.ROC_AUC] == expected[Metric.ROC_AUC]
    assert not {Metric.LOG_LOSS, Metric.BRIER_SCORE} & found.keys()


def test_several_classes_without_probabilities_are_counted_only():
    sure = class_predictions(3, seed=1)
    predictions = ClassPredictions(
        sure.actual, sure.predicted, 3, None, probabilities=None, scores=None
    )
    assert metric_function(predictions)(np.ones(ROWS)).keys() == {
        Metric.ACCURACY,
        Metric.BALANCED_ACCURACY,
        Metric.F1,
        Metric.PRECISION,
        Metric.RECALL,
    }


def test_what_cannot_be_measured_is_not_a_number():
    predictions = class_predictions(2, seed=1)
    only_negative = (predictions.actual == 0).astype(float)
    assert np.isnan(metric_function(predictions)(only_negative)[Metric.ROC_AUC])
    constant = RegressionPredictions(
        actual=np.full(ROWS, 3.0), predicted=np.arange(ROWS, dtype=float)
    )
    assert np.isnan(metric_function(constant)(np.ones(ROWS))[Metric.R2])
