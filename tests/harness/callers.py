"""Callers who never stop asking: what they were told while something else happened."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from harness.threads import running

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """One answer, and when it came, in monotonic time."""

    at: float
    version: str
    revision: str


@dataclass
class Answers:
    """What the callers were told so far."""

    all: list[Answer] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return len(self.all)

    @property
    def versions(self) -> Counter[str]:
        """How many requests each version answered."""
        return Counter(answer.version for answer in [*self.all])

    def revisions(self, since: float = 0, until: float = float("inf")) -> Counter[str]:
        """Return how many requests each revision answered between two moments."""
        return Counter(each.revision for each in [*self.all] if since <= each.at < until)


@contextmanager
def asking(
    address: str,
    rows: Rows,
    callers: int = 4,
    pause: float = 0.01,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Answers]:
    """Ask all through the block, half of the callers on connections they keep; retry nothing."""
    answers, over = Answers(), threading.Event()
    asking_on = [
        partial(_ask, client, rows, answers, over, pause)
        for client in _clients(address, callers, headers or {})
    ]
    with running(asking_on, over):
        yield answers


def _clients(address: str, callers: int, headers: Mapping[str, str]) -> Iterator[httpx.Client]:
    for number in range(callers):
        own = {} if number % 2 == 0 else {"connection": "close"}
        yield httpx.Client(
            base_url=address, timeout=10, trust_env=False, headers={**headers, **own}
        )


def _ask(
    client: httpx.Client, rows: Rows, answers: Answers, over: threading.Event, pause: float
) -> None:
    with client:
        while not over.is_set():
            try:
                answer = client.post("/predict", json={"rows": rows}).raise_for_status()
                version, revision = (answer.headers[f"x-perennial-{of}"] for of in SERVED_BY)
                answers.all.append(Answer(time.monotonic(), version, revision))
            except httpx.HTTPError as failure:
                answers.failures.append(f"{type(failure).__name__}: {failure}")
            time.sleep(pause)


SERVED_BY = ("version", "revision")
