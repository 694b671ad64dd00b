"""What Prometheus answers, as series of samples; anything else is a bad answer."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from perennial.prometheus.errors import ErrorKind, PrometheusError


class Sample(NamedTuple):
    """A value at a time, in seconds of 1970."""

    time: float
    value: float


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
    labels = {str(name): str(value) for name, value in one["metric"].items()}
    pairs = one["values"] if "values" in one else [one["value"]]
    return Series(labels, tuple(Sample(_time(time), float(text)) for time, text in pairs))


def _time(time: float) -> float:
    if not math.isfinite(time):
        raise ValueError(f"time {time}")
    return float(time)
