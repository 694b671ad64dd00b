"""Answers what rollouts ask: reads the evidence beside the loop, and wakes who asked."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from perennial.api.rollout_status import Baseline
from perennial.cluster.cache import Key
from perennial.observing.custom_counters import CustomReading
from perennial.observing.rollout_answers import Reading
from perennial.observing.rollout_baseline import baseline_of, history_grid
from perennial.observing.rollout_counts import block_counts
from perennial.planning.model_deployment.question import Answer, Question, Source
from perennial.prometheus.errors import PrometheusError
from perennial.prometheus.evidence import Prometheus, read
from perennial.prometheus.grid import SETTLE_SECONDS, Grid
from perennial.prometheus.increments import Block
from perennial.prometheus.ledger import Ledger, Window
from perennial.prometheus.queries import Scope, SeriesLabels

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 5.0
_UNASKED_SECONDS: Final = 60.0
"""A baseline is recorded at once; after this time it is measured again."""


class Evidence(Protocol):
    """What the reconciler of ModelDeployments needs of the sampler."""

    def latest(self, key: Key, /) -> Answer | None:
        """Return the newest answer to what an object asked."""


class NoEvidence:
    """The evidence without Prometheus: there is none, and rollouts have no gates."""

    def latest(self, _key: Key) -> Answer | None:
        """Return nothing."""
        return None

    def follow(self, _key: Key, _question: object | None) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""


class RolloutEvidence:
    """One task for each rollout in progress. A reconciliation never waits for it."""

    def __init__(
        self,
        prometheus: Prometheus,
        labels: SeriesLabels,
        wake: Callable[[Key], None],
        now: Callable[[], datetime],
    ) -> None:
        self._prometheus = prometheus
        self._labels = labels
        self._wake = wake
        self._now = now
        self._followed: dict[Key, _Followed] = {}

    def latest(self, key: Key) -> Answer | None:
        """Return the newest answer; None before the first one."""
        followed = self._followed.get(key)
        return followed.answer if followed else None

    def follow(self, key: Key, question: object | None) -> None:
        """Answer this question from now on, or nothing any more."""
        followed = self._followed.get(key)
        if followed and not _continues(followed, question):
            followed.end()
            del self._followed[key]
            followed = None
        if not isinstance(question, Question):
            return
        if followed is None:
            self._followed[key] = self._begin(key, question)
        elif followed.question != question:
            followed.question = question
            followed.asked.set()

    async def close(self) -> None:
        """End all tasks."""
        for followed in self._followed.values():
            followed.end()
        self._followed.clear()

    def _begin(self, key: Key, question: Question) -> "_Followed":
        followed = _Followed(question, CustomReading.of(question.source, self._labels))
        followed.task = asyncio.create_task(self._run(key, followed))
        return followed

    async def _run(self, key: Key, followed: "_Followed") -> None:
        """Answer after each block, and at once when the question has changed."""
        while True:
            followed.asked.clear()
            try:
                await self._answer(followed)
            except PrometheusError as error:
                await self._fail(key, followed, str(error))
            except Exception as error:  # a bug at one rollout must hold it, not forget it
                log.exception("evidence cannot be judged", extra=_named(key))
                await self._fail(key, followed, f"the operator failed at the evidence: {error!r}")
            self._wake(key)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_next(followed)):
                    await followed.asked.wait()

    async def _answer(self, followed: "_Followed") -> None:
        question = followed.question
        if question.baseline is None:
            await self._first_block(question.source)
            followed.answer = Answer(question, await self._baseline(question.source))
        else:
            await self._read(followed, question)
            answer = followed.reading.answer
            followed.answer = await asyncio.to_thread(answer, question, self._now())
        followed.problem = ""

    async def _fail(self, key: Key, followed: "_Followed", problem: str) -> None:
        log.warning("the evidence of a rollout is missing", extra=_named(key) | {"error": problem})
        followed.problem = problem
        question = followed.question
        if question.baseline is not None:
            answer = followed.reading.answer_without_data
            followed.answer = await asyncio.to_thread(
                answer, question, followed.answer, problem, self._now()
            )

    async def _first_block(self, source: Source) -> None:
        first = _grid(source).edge(1) + SETTLE_SECONDS
        await asyncio.sleep(max(0.0, first - self._now().timestamp()))

    async def _baseline(self, source: Source) -> Baseline:
        grid = history_grid(source)
        window = Window(grid, source.warm_up.total_seconds())
        end = (source.begin + source.interval).timestamp() + SETTLE_SECONDS
        ledger, blocks = await self._next(source, window, None, end)
        while ledger.block < grid.closed_by(end):
            ledger, read_now = await self._next(source, window, ledger, end)
            blocks = (*blocks, *read_now)
        return baseline_of(source, blocks, ledger)

    async def _read(self, followed: "_Followed", question: Question) -> None:
        source, grid = question.source, _grid(question.source)
        window = Window(
            grid, source.warm_up.total_seconds(), {source.candidate: source.created.timestamp()}
        )
        reading, custom, now = followed.reading, followed.custom, self._now().timestamp()
        await custom.read(self._prometheus, grid, now)
        while reading.next_block <= grid.closed_by(now):
            ledger, blocks = await self._next(source, window, reading.ledger, now)
            for block in blocks:
                counts = block_counts(question, grid, block, ledger)
                reading.add(question, custom.added(block.index, counts, source.versions))
            reading.ledger = ledger

    async def _next(
        self, source: Source, window: Window, ledger: Ledger | None, now: float
    ) -> tuple[Ledger, tuple[Block, ...]]:
        scope = Scope(source.namespace, source.name, self._labels)
        found = await read(self._prometheus, scope, window, ledger, now)
        if found.ledger is None:
            raise ValueError("the first block has not ended")
        return found.ledger, found.blocks

    def _until_next(self, followed: "_Followed") -> float:
        """Return the seconds until the next block can be read, or until another attempt."""
        source = followed.question.source
        if followed.problem:
            return max(_RETRY_SECONDS, source.interval.total_seconds())
        if followed.question.baseline is None:
            return _UNASKED_SECONDS
        due = _grid(source).edge(followed.reading.next_block) + SETTLE_SECONDS
        return max(0.1, due - self._now().timestamp())


@dataclass(eq=False)
class _Followed:
    """One rollout that is followed."""

    question: Question
    custom: CustomReading
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    reading: Reading = field(default_factory=Reading)
    problem: str = ""
    answer: Answer | None = None
    task: asyncio.Task[None] | None = None

    def end(self) -> None:
        if self.task:
            self.task.cancel()


def _continues(followed: _Followed, question: object | None) -> bool:
    return isinstance(question, Question) and followed.question.source == question.source


def _grid(source: Source) -> Grid:
    return Grid(source.begin.timestamp(), source.interval.total_seconds())


def _named(key: Key) -> dict[str, object]:
    return {"kind": key.kind, "namespace": key.namespace, "object": key.name}
