"""Performance before labels: what the reference's outcomes by bin of the score let expect.

This is confidence-based performance estimation on counts. It sees a changed mix of callers, and
not a changed relation of inputs and outcome; delayed labels correct it for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.score_bins import METRICS, Metric, Outcomes, slopes
from perennial.statistics.verdict import BoolArray, FloatArray

PRIOR_ROWS: Final = 200.0  # what the reference is worth against delayed labels
DECAY: Final = 0.5  # of the labels of the window before
NORMAL_95: Final = 1.959964
_STEPS: Final = 30


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often a bin's rows are positive; each array (bins,), bins by ascending score.

    `rows` is the number of labelled rows that a rate rests on, `scores` the mean score,
    `predicted` whether the bin's rows are predicted to be positive. `covariance` is that of
    intercept and slope of a correction by labels, (2, 2), and zero without one.
    """

    rates: FloatArray
    rows: FloatArray
    scores: FloatArray
    predicted: BoolArray
    covariance: FloatArray

    @classmethod
    def of(cls, rows: FloatArray, positives: FloatArray, predicted: BoolArray) -> "Calibration":
        """Return the isotonic rates of the reference's labelled rows by bin.

        The score of a bin is the rate of its own rows, half a row of each outcome added: a
        calibrated model's.
        """
        if rows.shape != positives.shape or rows.shape != predicted.shape:
            raise ValueError("rows, positives and predicted must have one number for each bin")
        smoothed = (positives + 0.5) / (rows + 1)
        rates = rising(smoothed, rows + 1)
        return cls(rates, rows, rates, predicted, np.zeros((2, 2)))

    def outcomes(self, window: FloatArray) -> Outcomes:
        """Return the outcomes to expect of rows by bin, (..., bins)."""
        positives = window * self.rates
        return Outcomes(positives, window - positives, self.predicted, self.scores)

    def corrected(self, rows: FloatArray, positives: FloatArray) -> "Calibration":
        """Return the calibration after delayed labels by bin, (bins,).

        logit(rate') = intercept + slope logit(rate) by maximum likelihood (Cox 1958), with 200
        more rows that obey the reference, spread as its rows are.
        """
        logits = np.log(self.rates / (1 - self.rates))
        prior = PRIOR_ROWS * self.rows / max(float(self.rows.sum()), 1.0)
        weight, target = rows + prior, positives + prior * self.rates
        design = np.stack([np.ones_like(logits), logits], axis=1)
        at = np.array([0.0, 1.0])
        for _ in range(_STEPS):
            now = _logistic(design @ at)
            information = design.T @ (design * (weight * now * (1 - now))[:, None])
            step = np.linalg.lstsq(information, design.T @ (target - weight * now), rcond=None)[0]
            at = at + np.clip(step, -1.0, 1.0)
            if np.abs(step).max() < 1e-9:  # noqa: PLR2004 - converged
                break
        rates = np.clip(_logistic(design @ at), 1e-9, 1 - 1e-9)
        covariance = np.asarray(np.linalg.pinv(information), dtype=np.float64)
        return Calibration(rates, self.rows, self.scores, self.predicted, covariance)


@dataclass(frozen=True, slots=True)
class Estimated:
    """A metric of one window, with the bounds of its 95 % interval; NaN where it has none."""

    value: float
    low: float
    high: float


def estimated(
    calibration: Calibration, window: FloatArray, dispersion: float = 1.0
) -> Mapping[str, Estimated]:
    """Return all metrics of two classes to expect of one window's rows by bin, (bins,).

    The interval is that of the value that labels would show. It grows with the square root of
    `dispersion`: rows of one day repeat each other.
    """
    outcomes = calibration.outcomes(window)
    chance = window * calibration.rates * (1 - calibration.rates)
    doubt = chance * window / np.maximum(calibration.rows, 1.0)
    logits = np.log(calibration.rates / (1 - calibration.rates))
    return {
        name: _with_interval(
            metric, outcomes, (chance + doubt) * dispersion, (chance, logits, calibration)
        )
        for name, metric in METRICS.items()
    }


def _with_interval(
    metric: Metric,
    outcomes: Outcomes,
    variance: FloatArray,
    correction: tuple[FloatArray, FloatArray, Calibration],
) -> Estimated:
    value, by_row = float(metric(outcomes)), slopes(metric, outcomes)
    if not np.isfinite(value):
        return Estimated(value, np.nan, np.nan)
    chance, logits, calibration = correction
    by_parameter = np.array([(by_row * chance).sum(), (by_row * chance * logits).sum()])
    total = (by_row**2 * variance).sum() + by_parameter @ calibration.covariance @ by_parameter
    error = NORMAL_95 * float(np.sqrt(max(total, 0.0)))
    return Estimated(value, value - error, value + error)


def realised(
    calibration: Calibration, rows: FloatArray, positives: FloatArray, dispersion: float = 1.0
) -> Mapping[str, Estimated]:
    """Return all metrics of two classes that labelled rows by bin show, (bins,)."""
    outcomes = Outcomes(positives, rows - positives, calibration.predicted, calibration.scores)
    rates = (positives + 0.5) / (rows + 1)
    chance = rows * rates * (1 - rates) * dispersion
    nothing = np.zeros_like(rows), np.zeros_like(rows), calibration
    return {
        name: _with_interval(metric, outcomes, chance, nothing) for name, metric in METRICS.items()
    }


def mean_error(sums: FloatArray, rows: FloatArray, window: FloatArray) -> float:
    """Return the mean absolute or squared error of a regression to expect of a window's rows.

    `sums` of errors and `rows` are the reference's by bin of the prediction. The estimate is weak:
    it sees a changed mix of predictions alone. NaN without rows in bins that the reference knows.
    """
    known = rows > 0
    total = float(window[known].sum())
    if not total:
        return float("nan")
    return float((window[known] * sums[known] / rows[known]).sum() / total)


def outcome_dispersion(rates: FloatArray, rows: FloatArray, positives: FloatArray) -> float:
    """Return by how much outcomes of blocks vary more than independent ones; 1 or more.

    `rates` (bins,) are those of all blocks, `rows` and `positives` (blocks, bins) counts.
    """
    chance = (rows * rates * (1 - rates)).sum(axis=1)
    apart = (positives - rows * rates).sum(axis=1)
    known = chance > 0
    if not known.any():
        return 1.0
    return max(1.0, float((apart[known] ** 2 / chance[known]).mean()))


def decayed(before: FloatArray, window: FloatArray) -> FloatArray:
    """Return labelled counts after one more window: the earlier ones count half."""
    return np.asarray(before * DECAY + window)


def rising(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the nearest values that never fall, by weighted squares: pool adjacent violators."""
    means: list[float] = []
    sizes: list[float] = []
    lengths: list[int] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, size, length = value, weight, 1
        while means and means[-1] >= mean:
            before, bulk = means.pop(), sizes.pop()
            mean = (mean * size + before * bulk) / (size + bulk)
            size, length = size + bulk, length + lengths.pop()
        means.append(mean)
        sizes.append(size)
        lengths.append(length)
    return np.repeat(means, lengths)


def _logistic(x: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -500, 500))))
