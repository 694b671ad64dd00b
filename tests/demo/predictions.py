"""Asks the served model about flights, in batches and singly, and counts what fails."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

Row = dict[str, Any]

BATCH = 500
CONNECTIONS = 8
PATIENCE = 300  # seconds for one answer: a limit for what hangs, not for a slow machine


@dataclass(frozen=True, slots=True)
class Asked:
    """Every answer in the order of the rows, and how the asking went."""

    probabilities: list[float]
    requests: int
    failed: int
    seconds: float


async def ask(
    address: str,
    rows: Sequence[Row],
    size: int,
    positive: str,
    on_progress: Callable[[int], None],
) -> Asked:
    """Send all rows, `size` in a request; a failed request is counted, never repeated."""
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    answers: list[list[float]] = [[] for _ in batches]
    waiting = iter(enumerate(batches))
    failed = 0
    began = time.perf_counter()

    async def send(client: httpx.AsyncClient) -> None:
        nonlocal failed
        for number, batch in waiting:
            try:
                answers[number] = await _predict(client, batch, positive)
            except httpx.HTTPError:
                failed += 1
                answers[number] = [float("nan")] * len(batch)
            on_progress(len(batch))

    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False) as client:
        await asyncio.gather(*(send(client) for _ in range(CONNECTIONS)))
    flat = [probability for answer in answers for probability in answer]
    return Asked(flat, len(batches), failed, time.perf_counter() - began)


async def _predict(client: httpx.AsyncClient, rows: Sequence[Row], positive: str) -> list[float]:
    response = await client.post("/predict", json={"rows": list(rows)})
    response.raise_for_status()
    return [answer["probabilities"][positive] for answer in response.json()["predictions"]]
