import asyncio
import threading

import numpy as np
import pytest

from perennial.artifacts.answers import Answers
from perennial.artifacts.tier import Tier
from perennial_serving.batch import Batch
from perennial_serving.predictors.micro_batches import MicroBatches
from perennial_serving.refused import RowRefusedError


class Doubler:
    """Answers twice the number, refuses negative ones, and can be held up."""

    tier = Tier.PIPELINE

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.threads: set[int] = set()
        self.held_up = threading.Event()
        self.held_up.set()

    def answer(self, batch: Batch) -> Answers:
        self.held_up.wait(10)
        self.calls.append(batch.rows)
        self.threads.add(threading.get_ident())
        numbers = batch.numbers[:, 0]
        if (numbers > 1e6).any():
            raise OverflowError("too much")
        if (numbers < 0).any():
            raise RowRefusedError(int(np.argmax(numbers < 0)), None, "negative")
        return Answers((numbers * 2).tolist(), np.column_stack([numbers, -numbers]))


def batch(*numbers: float) -> Batch:
    column = np.array(numbers)[:, None]
    return Batch(column, np.empty((len(numbers), 0), np.intp), [])


async def together(doubler: Doubler, *batches: Batch) -> list[Answers | BaseException]:
    """Let one request occupy the worker while the others come in."""
    asked = MicroBatches(doubler)
    doubler.held_up.clear()
    first = asyncio.create_task(asked.answer(batch(0.0)))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(asked.answer(one)) for one in batches]
    await asyncio.sleep(0.01)
    doubler.held_up.set()
    await first
    outcomes = await asyncio.gather(*others, return_exceptions=True)
    asked.close()
    return outcomes


async def test_a_lone_request_waits_for_nobody():
    doubler = Doubler()
    answers = await MicroBatches(doubler).answer(batch(1.0, 2.0))
    assert answers.predictions == [2.0, 4.0]
    assert doubler.calls == [2]


async def test_what_waits_goes_in_one_call_and_each_gets_its_own():
    doubler = Doubler()
    outcomes = await together(doubler, batch(1.0), batch(2.0, 3.0), batch(4.0))
    assert doubler.calls == [1, 4]
    assert [one.predictions for one in outcomes] == [[2.0], [4.0, 6.0], [8.0]]
    np.testing.assert_array_equal(outcomes[1].probabilities, [[2.0, -2.0], [3.0, -3.0]])


async def test_a_refused_row_fails_only_its_own_request():
    doubler = Doubler()
    outcomes = await together(doubler, batch(1.0), batch(2.0, -3.0), batch(4.0), batch(5.0))
    refused = outcomes.pop(1)
    assert isinstance(refused, RowRefusedError)
    assert refused.row == 1
    assert [one.predictions for one in outcomes] == [[2.0], [8.0], [10.0]]


async def test_a_fault_reaches_all_whom_it_concerns_and_no_later_one():
    doubler = Doubler()
    asked = MicroBatches(doubler)
    with pytest.raises(OverflowError):
        await asked.answer(batch(1e7))
    assert (await asked.answer(batch(1.0))).predictions == [2.0]


async def test_one_thread_does_all_the_work():
    doubler = Doubler()
    await together(doubler, *(batch(float(number)) for number in range(20)))
    assert doubler.threads != {threading.get_ident()}
    assert len(doubler.threads) == 1


async def test_a_caller_who_left_holds_up_nobody():
    doubler = Doubler()
    asked = MicroBatches(doubler)
    doubler.held_up.clear()
    gone, stays = (asyncio.create_task(asked.answer(batch(number))) for number in (1.0, 2.0))
    await asyncio.sleep(0.01)
    gone.cancel()
    doubler.held_up.set()
    assert (await stays).predictions == [4.0]
