"""What the server counts about itself; a check of its own is not counted.

| series | labels | what it counts |
|---|---|---|
| perennial_requests_total | outcome, code | requests for predictions |
| perennial_rows_total | | rows that were answered |
| perennial_request_seconds | le | from the last byte of a request to its answer |
| perennial_model_info | model, version, digest | always 1 |
| perennial_process_start_time_seconds | | when the process started |

An outcome is `answered` (2xx), `refused` (4xx: the caller's mistake) or `failed` (5xx).
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder

_BUCKETS: Final = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
_FROM_ZERO: Final = (200, 400, 500)
_SERVER_ERRORS, _CLIENT_ERRORS = 500, 400


class Metrics:
    """The series of one process; they start at zero, so that the first increase is seen."""

    def __init__(self, model: str, version: str, digest: str, started: float) -> None:
        """Register every series."""
        disable_created_metrics()
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "perennial_requests",
            "Requests for predictions, by outcome and status code",
            ["outcome", "code"],
            registry=self._registry,
        )
        self._rows = Counter("perennial_rows", "Rows answered", registry=self._registry)
        self._seconds = Histogram(
            "perennial_request_seconds",
            "Seconds from the last byte of a request for predictions to its answer",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        for status in _FROM_ZERO:
            self._requests.labels(_outcome(status), str(status))
        self._describe(model, version, digest, started)

    def _describe(self, model: str, version: str, digest: str, started: float) -> None:
        info = Gauge(
            "perennial_model_info",
            "The model that is served",
            ["model", "version", "digest"],
            registry=self._registry,
        )
        info.labels(model, version, digest).set(1)
        Gauge(
            "perennial_process_start_time_seconds",
            "When the process started, in seconds since 1970",
            registry=self._registry,
        ).set(started)

    def count(self, status: int, rows: int, seconds: float) -> None:
        """Count one request for predictions."""
        self._requests.labels(_outcome(status), str(status)).inc()
        self._rows.inc(rows)
        self._seconds.observe(seconds)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return all series as text, in the format that a scraper asks for, and its name."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type


def _outcome(status: int) -> str:
    if status >= _SERVER_ERRORS:
        return "failed"
    return "refused" if status >= _CLIENT_ERRORS else "answered"
