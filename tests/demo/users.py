"""Users of the model, who ask about flights through the Gateway all along."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx

from harness.threads import running

Row = dict[str, Any]

FLIGHTS = 20
"""Flights in one request."""
USERS = 4
PAUSE = 0.08  # seconds between an answer and the next request
PATIENCE = 60  # seconds for one answer: a limit for what hangs, not for a slow machine


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: when it was asked for and when it came, in monotonic time."""

    asked: float
    at: float
    revision: str
    flights: slice
    """Positions of the flights that it is about."""
    probabilities: list[float]


@dataclass(slots=True)
class Answers:
    """What the users were told so far."""

    all: list[Answer] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@contextmanager
def asking(
    address: str, hostname: str, rows: Sequence[Row], positive: str = "true"
) -> Iterator[Answers]:
    """Have users ask all through the block; a failed request is counted, never repeated."""
    answers, over = Answers(), threading.Event()
    parts = cycle([slice(first, first + FLIGHTS) for first in range(0, len(rows), FLIGHTS)])

    def ask() -> None:
        headers = {"host": hostname}
        with httpx.Client(
            base_url=address, headers=headers, timeout=PATIENCE, trust_env=False
        ) as client:
            while not over.wait(PAUSE):
                flights = next(parts)
                try:
                    answers.all.append(_asked(client, rows, flights, positive))
                except httpx.HTTPError as failure:
                    answers.failures.append(f"{type(failure).__name__}: {failure}")

    with running([ask] * USERS, over, patience=None):
        yield answers


def _asked(client: httpx.Client, rows: Sequence[Row], flights: slice, positive: str) -> Answer:
    asked = time.monotonic()
    answer = client.post("/predict", json={"rows": list(rows[flights])}).raise_for_status()
    return Answer(
        asked=asked,
        at=time.monotonic(),
        revision=answer.headers["x-perennial-revision"],
        flights=flights,
        probabilities=[each["probabilities"][positive] for each in answer.json()["predictions"]],
    )
