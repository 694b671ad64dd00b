"""95 % percentile bootstrap intervals of all metrics at once."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from perennial.api.model import Metric
from perennial.api.model_version import Measure
from perennial.jobs.evaluation.metrics import metric_function
from perennial.jobs.evaluation.predictions import Floats, Predictions

_LEVELS = (2.5, 97.5)
_MOST_RESAMPLES, _FEWEST_RESAMPLES = 1000, 500
_MANY_ROWS = 50_000
_SIGNIFICANT = 6
_NOTHING = Decimal("1e-15")
_LONGEST = 24
"""Characters of a decimal string in the API."""


def evaluate(
    predictions: Predictions, groups: NDArray[np.int64] | None, seed: int
) -> dict[Metric, Measure]:
    """Return every metric that is defined on these rows, each with its interval.

    With groups, whole groups are resampled, because the rows of a group resemble each other.
    """
    metrics = metric_function(predictions)
    rows = len(predictions.actual)
    values = metrics(np.ones(rows))
    resamples = [metrics(weights) for weights in _resamples(rows, groups, seed)]
    return {
        name: interval
        for name, value in values.items()
        if (interval := _interval(value, np.array([resample[name] for resample in resamples])))
        is not None
    }


def _resamples(rows: int, groups: NDArray[np.int64] | None, seed: int) -> Iterator[Floats]:
    """Yield resamples, each as the number of times that every row was drawn."""
    random = np.random.default_rng(seed)
    units = rows if groups is None else int(groups.max()) + 1
    for _ in range(_MOST_RESAMPLES if rows < _MANY_ROWS else _FEWEST_RESAMPLES):
        drawn = np.bincount(random.integers(0, units, units), minlength=units).astype(np.float64)
        yield drawn if groups is None else drawn[groups]


def _interval(value: float, resampled: Floats) -> Measure | None:
    """Return a metric with its interval; None if it is undefined, or too long for the API."""
    defined = resampled[np.isfinite(resampled)]
    if not np.isfinite(value) or len(defined) == 0:
        return None
    low, high = np.percentile(defined, _LEVELS)
    texts = [decimal(number) for number in (value, min(low, value), max(high, value))]
    if any(len(text) > _LONGEST for text in texts):
        return None
    return Measure(value=texts[0], low=texts[1], high=texts[2])


def decimal(value: float) -> str:
    """Return a number as the API writes it: six significant digits, no exponent."""
    digits = Decimal(f"{value:.{_SIGNIFICANT}g}")
    return f"{digits:f}" if abs(digits) >= _NOTHING else "0"
