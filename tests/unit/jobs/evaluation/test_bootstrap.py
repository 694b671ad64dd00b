import re
from decimal import Decimal

import numpy as np
import pytest
from scipy import stats

from perennial.api.model import Metric
from perennial.jobs.evaluation.bootstrap import decimal, evaluate
from perennial.jobs.evaluation.predictions import ClassPredictions, RegressionPredictions


def answers(right: np.ndarray) -> ClassPredictions:
    actual = np.arange(len(right)) % 2
    return ClassPredictions(
        actual=actual,
        predicted=np.where(right, actual, 1 - actual),
        classes=2,
        positive=1,
        probabilities=None,
        scores=None,
    )


def estimates(errors: np.ndarray) -> RegressionPredictions:
    actual = np.arange(len(errors), dtype=float)
    return RegressionPredictions(actual=actual, predicted=actual + errors)


def interval(predictions, metric: Metric, groups=None, seed: int = 0) -> tuple[float, float, float]:
    found = evaluate(predictions, groups, seed)[metric]
    return float(found.low), float(found.value), float(found.high)


def test_an_interval_covers_the_true_value_as_often_as_it_claims():
    random, covered, trials = np.random.default_rng(1), 0, 60
    for trial in range(trials):
        low, _, high = interval(answers(random.random(150) < 0.8), Metric.ACCURACY, seed=trial)
        covered += low <= 0.8 <= high
    # the percentile bootstrap of 150 rows is a little narrow
    assert stats.binomtest(covered, trials, 0.94).pvalue > 0.001


def test_an_interval_is_as_wide_as_theory_has_it():
    errors = np.random.default_rng(2).normal(0, 3, 4000)
    low, value, high = interval(estimates(errors), Metric.MEAN_ABSOLUTE_ERROR)
    deviation = np.abs(errors).std() / np.sqrt(4000)
    assert value == pytest.approx(np.abs(errors).mean(), rel=1e-5)
    assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.1)


def test_rows_that_repeat_each_other_make_the_interval_wider():
    random = np.random.default_rng(3)
    groups = np.repeat(np.arange(40), 25)
    predictions = answers((random.random(40) < 0.8)[groups])
    low, _, high = interval(predictions, Metric.ACCURACY)
    wide_low, _, wide_high = interval(predictions, Metric.ACCURACY, groups)
    assert (wide_high - wide_low) / (high - low) == pytest.approx(5, rel=0.25)


def test_an_interval_holds_its_estimate():
    for seed in range(5):
        right = np.random.default_rng(seed).random(12) < 0.9
        found = evaluate(answers(right), None, seed)
        assert all(
            Decimal(one.low) <= Decimal(one.value) <= Decimal(one.high) for one in found.values()
        )


def test_the_same_seed_gives_the_same_interval():
    predictions = answers(np.random.default_rng(4).random(100) < 0.7)
    assert evaluate(predictions, None, 5) == evaluate(predictions, None, 5)
    assert evaluate(predictions, None, 5) != evaluate(predictions, None, 6)


def test_what_cannot_be_measured_is_left_out():
    constant = RegressionPredictions(actual=np.full(20, 3.0), predicted=np.arange(20, dtype=float))
    assert Metric.R2 not in evaluate(constant, None, 0)
    assert Metric.MEAN_ABSOLUTE_ERROR in evaluate(constant, None, 0)


def test_what_no_decimal_string_holds_is_left_out():
    huge = RegressionPredictions(actual=np.zeros(20), predicted=np.full(20, 1e30))
    assert Metric.MEAN_SQUARED_ERROR not in evaluate(huge, None, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.7412345678, "0.741235"),
        (1.0, "1"),
        (0.0, "0"),
        (-0.25, "-0.25"),
        (1234567.89, "1234570"),
        (1.5e-7, "0.00000015"),
        (-3e-18, "0"),
    ],
)
def test_a_number_is_written_without_an_exponent(value, text):
    assert decimal(value) == text
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", decimal(value))
