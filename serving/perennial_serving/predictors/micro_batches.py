"""Batches without a timer: whatever waits when the worker is free goes in one call."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from perennial.artifacts.answers import Answers
from perennial_serving.batch import Batch, joined
from perennial_serving.predictors import Predictor
from perennial_serving.refused import RowRefusedError

Outcome = Answers | Exception


class _Waiting(NamedTuple):
    batch: Batch
    outcome: asyncio.Future[Answers]


class MicroBatches:
    """One thread that answers all who wait at once; a lone request waits for nobody."""

    def __init__(self, predictor: Predictor) -> None:
        """Ask this predictor, from one thread only."""
        self._predictor = predictor
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def answer(self, batch: Batch) -> Answers:
        """Answer the rows together with whatever else waits; a refusal concerns these alone."""
        outcome: asyncio.Future[Answers] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(batch, outcome))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await outcome

    def close(self) -> None:
        """End the thread once it has answered."""
        self._thread.shutdown(wait=False)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, []
                batches = [one.batch for one in taken]
                outcomes = await loop.run_in_executor(self._thread, self._outcomes, batches)
                for waiting, outcome in zip(taken, outcomes, strict=True):
                    _settle(waiting.outcome, outcome)
        finally:
            self._working = None

    def _outcomes(self, batches: Sequence[Batch]) -> list[Outcome]:
        """Answer each batch; where one of many is refused, halves find out which."""
        try:
            return list(_parted(self._predictor.answer(joined(batches)), batches))
        except RowRefusedError as refusal:
            if len(batches) == 1:
                return [refusal]
        except Exception as failure:  # noqa: BLE001 - each caller gets it, and logs it
            return [failure] * len(batches)
        middle = len(batches) // 2
        return [*self._outcomes(batches[:middle]), *self._outcomes(batches[middle:])]


def _parted(answers: Answers, batches: Sequence[Batch]) -> Iterator[Answers]:
    start = 0
    for batch in batches:
        rows = slice(start, start := start + batch.rows)
        probabilities = None if answers.probabilities is None else answers.probabilities[rows]
        yield Answers(answers.predictions[rows], probabilities)


def _settle(future: asyncio.Future[Answers], outcome: Outcome) -> None:
    """Tell whoever still waits."""
    if future.done():
        return
    if isinstance(outcome, Answers):
        future.set_result(outcome)
    else:
        future.set_exception(outcome)
