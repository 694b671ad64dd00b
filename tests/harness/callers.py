"""Callers who never stop asking: what they were told while something else happened."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass
class Answers:
    """What the callers were told so far."""

    versions: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return sum(self.versions.values())


@contextmanager
def asking(
    address: str, rows: list[dict[str, Any]], callers: int = 4, pause: float = 0.01
) -> Iterator[Answers]:
    """Ask all through the block, half of the callers on connections they keep; retry nothing."""
    answers, over = Answers(), threading.Event()
    threads = [
        threading.Thread(target=_ask, args=(address, rows, answers, over, pause, number % 2 == 0))
        for number in range(callers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=30)


def _ask(
    address: str,
    rows: list[dict[str, Any]],
    answers: Answers,
    over: threading.Event,
    pause: float,
    keeps: bool,  # noqa: FBT001 - a thread's argument
) -> None:
    headers = {} if keeps else {"connection": "close"}
    with httpx.Client(base_url=address, timeout=10, trust_env=False, headers=headers) as client:
        while not over.is_set():
            try:
                answer = client.post("/predict", json={"rows": rows}).raise_for_status()
                answers.versions[answer.headers["x-perennial-version"]] += 1
            except httpx.HTTPError as failure:
                answers.failures.append(f"{type(failure).__name__}: {failure}")
            time.sleep(pause)
