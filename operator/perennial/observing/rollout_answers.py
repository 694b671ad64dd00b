"""The answer to a rollout's question, from the blocks that were read so far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from perennial.planning.model_deployment.analysis import longest_step
from perennial.planning.model_deployment.gates.counts import BlockCounts, merged
from perennial.planning.model_deployment.gates.evaluate import Tests, evaluate, tests_of
from perennial.planning.model_deployment.question import Answer, Question
from perennial.prometheus.grid import SETTLE_SECONDS
from perennial.prometheus.increments import STALE_INTERVALS
from perennial.prometheus.ledger import Ledger

MOST_BLOCKS: Final = 4096
"""Seventeen hours of quarter minutes: judging them costs a tenth of a second."""
_TIME_LEFT_EVERY: Final = timedelta(minutes=1)
"""A simulation costs 50 ms of the processor for each gate."""


@dataclass(eq=False)
class Reading:
    """What has been read of one rollout. Its methods take milliseconds, and run in a thread."""

    ledger: Ledger | None = None
    blocks: list[BlockCounts] = field(default_factory=list)
    _left: dict[str, timedelta] = field(default_factory=dict)
    _left_at: datetime | None = None
    _left_in_step: int = 0

    @property
    def next_block(self) -> int:
        """Return the number of the edge that is read next."""
        return 0 if self.ledger is None else self.ledger.block + 1

    def add(self, question: Question, block: BlockCounts) -> None:
        """Add the next block. A step that is held for days has its blocks merged in pairs.

        What is merged depends on the blocks alone, so that a restart comes to the same.
        """
        self.blocks.append(block)
        if len(self.blocks) > MOST_BLOCKS:
            self.blocks = list(_in_pairs(question, self.blocks))

    def answer(self, question: Question, now: datetime) -> Answer:
        """Return the results of all gates."""
        tests = tests_of(question, self.blocks)
        self._update_time_left(question, tests, now)
        last = self.blocks[-1] if self.blocks else None
        missing_of = last.missing_of if last else {}
        gates = evaluate(question, tests, last.missing if last else "", self._left, missing_of)
        return Answer(question, question.baseline, gates, last.end if last else None)

    def answer_without_data(
        self, question: Question, before: Answer | None, problem: str, now: datetime
    ) -> Answer:
        """Return the answer before while its data is fresh; then no gate has data."""
        last = self.blocks[-1].end if self.blocks else question.source.begin
        settled = timedelta(seconds=SETTLE_SECONDS)
        fresh_until = last + STALE_INTERVALS * question.source.interval + settled
        if before and before.question == question and now < fresh_until:
            return before
        gates = evaluate(question, tests_of(question, self.blocks), problem[:512])
        return Answer(question, question.baseline, gates, last if self.blocks else None)

    def _update_time_left(self, question: Question, tests: Tests, now: datetime) -> None:
        step = len(question.step_starts)
        is_due = self._left_at is None or now >= self._left_at + _TIME_LEFT_EVERY
        if self.blocks and (is_due or self._left_in_step != step):
            self._left = _time_left(question, tests, self.blocks)
            self._left_at, self._left_in_step = now, step


def _in_pairs(question: Question, blocks: Sequence[BlockCounts]) -> Iterator[BlockCounts]:
    """Yield pairs of blocks as one, but for those of different steps."""
    waiting: BlockCounts | None = None
    for block in blocks:
        if waiting is None:
            waiting = block
        elif question.step_of(waiting.begin) == question.step_of(block.begin):
            yield merged(waiting, block)
            waiting = None
        else:
            yield waiting
            waiting = block
    if waiting is not None:
        yield waiting


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
