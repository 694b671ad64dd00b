"""What Prometheus answers, as series of samples; anything else is a bad answer."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from perennial.prometheus.errors import ErrorKind, PrometheusError

Sample = tuple[float, float]
"""A time, in seconds of 1970, and the value then."""


class Series(NamedTuple):
    """The samples of one series, in order of time; the metric's name is the label `__name__`."""

    labels: Mapping[str, str]
    samples: tuple[Sample, ...]


def parse(data: Mapping[str, Any], max_series: int) -> tuple[Series, ...]:
    """Return the series of a vector or matrix, or raise PrometheusError."""
    try:
        kind, result = data["resultType"], data["result"]
        if kind not in ("matrix", "vector") or not isinstance(result, list):
            raise PrometheusError(ErrorKind.BAD_ANSWER, f"unexpected result type {kind!r}")
        _check_number(len(result), max_series)
        return tuple(_series(one) for one in result)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"the answer is no vector or matrix of numbers ({error!r})"
        raise PrometheusError(ErrorKind.BAD_ANSWER, message) from error


def _check_number(number: int, limit: int) -> None:
    if number > limit:
        message = f"the answer has more than {limit} series: select fewer"
        raise PrometheusError(ErrorKind.TOO_MUCH, message)


def _series(one: Mapping[str, Any]) -> Series:
    labels = one["metric"]
    if not isinstance(labels, dict) or not all(isinstance(text, str) for text in labels.values()):
        raise TypeError("the labels of a series")
    pairs = one["values"] if "values" in one else [one["value"]]
    samples = tuple([(float(time), float(text)) for time, text in pairs])
    if not all(math.isfinite(time) for time, _ in samples):
        raise ValueError("the time of a sample")
    return Series(labels, samples)
