import numpy as np
import pytest
from sklearn import metrics

from perennial.statistics.score_bins import METRICS, Outcomes, slopes

SCORES = np.arange(0.025, 1, 0.05)
PREDICTED = SCORES > 0.5


def outcomes(rows: int = 5000, seed: int = 1) -> tuple[Outcomes, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    bins = random.integers(0, 20, rows)
    actual = random.random(rows) < SCORES[bins]
    positives = np.bincount(bins[actual], minlength=20).astype(float)
    negatives = np.bincount(bins[~actual], minlength=20).astype(float)
    return Outcomes(positives, negatives, PREDICTED, SCORES), SCORES[bins], actual


def scikit_learns(name: str, scores: np.ndarray, actual: np.ndarray) -> float:
    of_scores = {
        "roc_auc": metrics.roc_auc_score,
        "brier_score": metrics.brier_score_loss,
        "log_loss": metrics.log_loss,
    }
    if name in of_scores:
        return of_scores[name](actual, scores)
    of_classes = {
        "accuracy": metrics.accuracy_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "precision": metrics.precision_score,
        "recall": metrics.recall_score,
        "f1": metrics.f1_score,
    }
    return of_classes[name](actual, scores > 0.5)


@pytest.mark.parametrize("name", [name for name in METRICS if name != "average_precision"])
def test_a_metric_of_counts_is_scikit_learns_of_rows(name):
    found, scores, actual = outcomes()

    assert METRICS[name](found) == pytest.approx(scikit_learns(name, scores, actual))


def test_average_precision_is_near_that_of_rows_mixed_within_their_bins():
    found, scores, actual = outcomes()
    mixed = scores + np.random.default_rng(2).random(len(scores)) * 0.05

    expected = metrics.average_precision_score(actual, mixed)

    assert METRICS["average_precision"](found) == pytest.approx(expected, abs=0.005)


def test_many_windows_are_measured_at_once():
    one, other = outcomes(seed=1)[0], outcomes(seed=2)[0]
    both = Outcomes(
        np.stack([one.positives, other.positives]),
        np.stack([one.negatives, other.negatives]),
        PREDICTED,
        SCORES,
    )

    for metric in METRICS.values():
        assert metric(both) == pytest.approx([float(metric(one)), float(metric(other))])


def test_without_positive_rows_recall_is_unknown():
    nothing = Outcomes(np.zeros(20), np.ones(20), PREDICTED, SCORES)

    assert np.isnan(METRICS["recall"](nothing))


def test_the_slopes_of_accuracy_are_a_row_of_all():
    found = outcomes()[0]

    expected = np.where(PREDICTED, 1, -1) / 5000

    assert slopes(METRICS["accuracy"], found) == pytest.approx(expected)
