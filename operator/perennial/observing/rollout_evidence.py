"""Answers what rollouts ask: reads the evidence beside the loop, and wakes who asked."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from perennial.api.rollout_status import Baseline
from perennial.cluster.cache import Key
from perennial.observing.rollout_baseline import baseline_of, history_grid
from perennial.observing.rollout_counts import block_counts
from perennial.planning.model_deployment.analysis import longest_step
from perennial.planning.model_deployment.gates.counts import BlockCounts
from perennial.planning.model_deployment.gates.evaluate import Tests, evaluate, tests_of
from perennial.planning.model_deployment.question import Answer, Question, Source
from perennial.prometheus.errors import PrometheusError
from perennial.prometheus.evidence import Prometheus, read
from perennial.prometheus.grid import SETTLE_SECONDS, Grid
from perennial.prometheus.increments import STALE_INTERVALS, Block
from perennial.prometheus.ledger import Ledger, Window
from perennial.prometheus.queries import Scope, SeriesLabels

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 5.0
_UNASKED_SECONDS: Final = 60.0
"""A baseline is recorded at once; after this time it is measured again."""
_TIME_LEFT_EVERY: Final = timedelta(minutes=1)
"""A simulation costs 50 ms of the processor for each gate."""


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
        followed = _Followed(question)
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
            followed.answer = await asyncio.to_thread(_judged, followed, question, self._now())
        followed.problem = ""

    async def _fail(self, key: Key, followed: "_Followed", problem: str) -> None:
        log.warning("the evidence of a rollout is missing", extra=_named(key) | {"error": problem})
        followed.problem = problem
        if followed.question.baseline is not None:
            followed.answer = _without_data(followed, self._now())

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
        while _next_block(followed.ledger) <= grid.closed_by(self._now().timestamp()):
            now = self._now().timestamp()
            ledger, blocks = await self._next(source, window, followed.ledger, now)
            followed.blocks += [block_counts(question, grid, block, ledger) for block in blocks]
            followed.ledger = ledger

    async def _next(
        self, source: Source, window: Window, ledger: Ledger | None, now: float
    ) -> tuple[Ledger, tuple[Block, ...]]:
        scope = Scope(source.namespace, source.name, self._labels)
        reading = await read(self._prometheus, scope, window, ledger, now)
        if reading.ledger is None:
            raise ValueError("the first block has not ended")
        return reading.ledger, reading.blocks

    def _until_next(self, followed: "_Followed") -> float:
        """Return the seconds until the next block can be read, or until another attempt."""
        source = followed.question.source
        if followed.problem:
            return max(_RETRY_SECONDS, source.interval.total_seconds())
        if followed.question.baseline is None:
            return _UNASKED_SECONDS
        due = _grid(source).edge(_next_block(followed.ledger)) + SETTLE_SECONDS
        return max(0.1, due - self._now().timestamp())


@dataclass(eq=False)
class _Followed:
    """One rollout, and what has been read of it."""

    question: Question
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    ledger: Ledger | None = None
    blocks: list[BlockCounts] = field(default_factory=list)
    problem: str = ""
    answer: Answer | None = None
    left: dict[str, timedelta] = field(default_factory=dict)
    left_at: datetime | None = None
    left_in_step: int = 0

    def end(self) -> None:
        if self.task:
            self.task.cancel()


def _continues(followed: _Followed, question: object | None) -> bool:
    return isinstance(question, Question) and followed.question.source == question.source


def _judged(followed: _Followed, question: Question, now: datetime) -> Answer:
    """Return the gates after the blocks so far; runs in a thread."""
    blocks = followed.blocks
    tests = tests_of(question, blocks)
    missing = blocks[-1].missing if blocks else ""
    gates = evaluate(question, tests, missing)
    is_due = followed.left_at is None or now >= followed.left_at + _TIME_LEFT_EVERY
    if blocks and (is_due or followed.left_in_step != len(question.step_starts)):
        followed.left = _time_left(question, tests, blocks)
        followed.left_at, followed.left_in_step = now, len(question.step_starts)
    if followed.left:
        gates = evaluate(question, tests, missing, followed.left)
    return Answer(question, question.baseline, gates, blocks[-1].end if blocks else None)


def _time_left(
    question: Question, tests: Tests, blocks: Sequence[BlockCounts]
) -> dict[str, timedelta]:
    """Return the median time that each gate still needs, by simulation."""
    interval = question.source.interval
    elapsed = max(timedelta(0), blocks[-1].end - question.step_starts[-1])
    horizon = (longest_step(question.rules) - elapsed) // interval
    found = {}
    for gate, each in tests.items():
        needed = [test.left(horizon, seed=len(blocks)) for test in each]
        if all(needed):
            found[gate] = interval * max(one.blocks for one in needed if one)
    return found


def _without_data(followed: _Followed, now: datetime) -> Answer | None:
    """Return the last answer while its data is fresh; then gates that have no data."""
    question = followed.question
    last = followed.blocks[-1].end if followed.blocks else question.source.begin
    patience = STALE_INTERVALS * question.source.interval + timedelta(seconds=SETTLE_SECONDS)
    if followed.answer and followed.answer.question == question and now < last + patience:
        return followed.answer
    tests = tests_of(question, followed.blocks)
    gates = evaluate(question, tests, followed.problem[:512])
    return Answer(question, question.baseline, gates, last if followed.blocks else None)


def _grid(source: Source) -> Grid:
    return Grid(source.begin.timestamp(), source.interval.total_seconds())


def _next_block(ledger: Ledger | None) -> int:
    return 0 if ledger is None else ledger.block + 1


def _named(key: Key) -> dict[str, object]:
    return {"kind": key.kind, "namespace": key.namespace, "object": key.name}
