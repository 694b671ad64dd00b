"""Performance from counts by bin of the score: realised with labels, estimated without.

A score is the probability of the positive class of two, or the probability of the predicted
class. Everything here is a function of the positive and the negative rows in each bin.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.verdict import BoolArray, FloatArray

Metric = Callable[["Outcomes"], FloatArray]
_LEAST: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Rows by bin of the score, ascending, each (..., bins).

    `predicted` (bins,) is whether the bin's rows are predicted to be positive, `scores` (bins,)
    the mean score of a bin.
    """

    positives: FloatArray
    negatives: FloatArray
    predicted: BoolArray
    scores: FloatArray

    @property
    def right(self) -> FloatArray:
        """The rows by bin whose prediction is right."""
        return np.where(self.predicted, self.positives, self.negatives)


def accuracy(outcomes: Outcomes) -> FloatArray:
    """Return the share of right predictions."""
    rows = (outcomes.positives + outcomes.negatives).sum(axis=-1)
    return _divided(outcomes.right.sum(axis=-1), rows)


def precision(outcomes: Outcomes) -> FloatArray:
    """Return the share of positive rows among those predicted to be positive."""
    found = (outcomes.positives * outcomes.predicted).sum(axis=-1)
    wrong = (outcomes.negatives * outcomes.predicted).sum(axis=-1)
    return _divided(found, found + wrong)


def recall(outcomes: Outcomes) -> FloatArray:
    """Return the share of positive rows that are predicted to be positive."""
    found = (outcomes.positives * outcomes.predicted).sum(axis=-1)
    return _divided(found, outcomes.positives.sum(axis=-1))


def balanced_accuracy(outcomes: Outcomes) -> FloatArray:
    """Return the mean of the shares of right predictions of both classes."""
    rejected = (outcomes.negatives * ~outcomes.predicted).sum(axis=-1)
    return (recall(outcomes) + _divided(rejected, outcomes.negatives.sum(axis=-1))) / 2


def f1(outcomes: Outcomes) -> FloatArray:
    """Return the harmonic mean of precision and recall."""
    found = (outcomes.positives * outcomes.predicted).sum(axis=-1)
    predicted = ((outcomes.positives + outcomes.negatives) * outcomes.predicted).sum(axis=-1)
    return _divided(2 * found, predicted + outcomes.positives.sum(axis=-1))


def roc_auc(outcomes: Outcomes) -> FloatArray:
    """Return the area under the ROC curve; pairs within one bin count half."""
    positives, negatives = outcomes.positives, outcomes.negatives
    below = np.cumsum(negatives, axis=-1) - negatives / 2
    pairs = positives.sum(axis=-1) * negatives.sum(axis=-1)
    return _divided((positives * below).sum(axis=-1), pairs)


def average_precision(outcomes: Outcomes) -> FloatArray:
    """Return the mean of precision over the positive rows, by descending bins.

    Within a bin, rows are taken to be mixed: the precision in its middle counts.
    """
    positives, rows = outcomes.positives, outcomes.positives + outcomes.negatives
    above = np.cumsum(positives[..., ::-1], axis=-1)[..., ::-1] - positives / 2
    predicted = np.cumsum(rows[..., ::-1], axis=-1)[..., ::-1] - rows / 2
    return _divided(
        (positives * _divided(above, predicted, 0.0)).sum(axis=-1), positives.sum(axis=-1)
    )


def brier_score(outcomes: Outcomes) -> FloatArray:
    """Return the mean squared difference of score and outcome, with one score for each bin."""
    squares = outcomes.positives * (1 - outcomes.scores) ** 2
    squares = squares + outcomes.negatives * outcomes.scores**2
    return _divided(squares.sum(axis=-1), (outcomes.positives + outcomes.negatives).sum(axis=-1))


def log_loss(outcomes: Outcomes) -> FloatArray:
    """Return the mean negative log-likelihood, with one score for each bin."""
    scores = np.clip(outcomes.scores, 1e-15, 1 - 1e-15)
    logs = outcomes.positives * np.log(scores) + outcomes.negatives * np.log1p(-scores)
    return _divided(-logs.sum(axis=-1), (outcomes.positives + outcomes.negatives).sum(axis=-1))


METRICS: Final[Mapping[str, Metric]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "roc_auc": roc_auc,
    "average_precision": average_precision,
    "brier_score": brier_score,
    "log_loss": log_loss,
}
"""What counts by bin can say of two classes, by scikit-learn's names."""


def _divided(above: FloatArray, below: FloatArray, otherwise: float = np.nan) -> FloatArray:
    return np.asarray(np.where(below > 0, above / np.maximum(below, _LEAST), otherwise))


def slopes(metric: Metric, outcomes: Outcomes) -> FloatArray:
    """Return the change of a metric by one row of each bin that turns positive, shape (bins,).

    A central difference; for outcomes of one window, (bins,).
    """
    rows = outcomes.positives + outcomes.negatives
    step = np.diag(np.minimum(0.5, np.minimum(outcomes.positives, outcomes.negatives) / 2))
    width = np.maximum(2 * np.diag(step), _LEAST)
    moved = [
        metric(
            Outcomes(
                outcomes.positives + sign * step,
                outcomes.negatives - sign * step,
                outcomes.predicted,
                outcomes.scores,
            )
        )
        for sign in (1, -1)
    ]
    return np.where((np.diag(step) > 0) & (rows > 0), (moved[0] - moved[1]) / width, 0.0)
