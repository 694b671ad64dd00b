"""How long one caller waits for one answer, on a connection that is kept."""

import http.client
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from harness.programs import HarnessError

REQUESTS = 1000
PATIENCE = 300  # seconds for one answer


@dataclass(frozen=True, slots=True)
class Latency:
    """How long an answer takes, in milliseconds."""

    half_ms: float
    nearly_all_ms: float

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.half_ms:.2f} ms median, {self.nearly_all_ms:.2f} ms 99th percentile"


def latency(address: str, rows: Sequence[dict[str, Any]]) -> Latency:
    """Ask about one row after the other."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname, where.port or 80, timeout=PATIENCE)
    bodies = [json.dumps({"rows": [row]}) for row in rows[:REQUESTS]]
    try:
        waited = [_waited(connection, body) for body in bodies]
    finally:
        connection.close()
    percentiles = quantiles(waited, n=100)
    return Latency(percentiles[49] * 1e3, percentiles[98] * 1e3)


def _waited(connection: http.client.HTTPConnection, body: str) -> float:
    began = time.perf_counter()
    connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    waited = time.perf_counter() - began
    if response.status != HTTPStatus.OK:
        raise HarnessError(f"a single flight was answered with {response.status}")
    return waited
