import asyncio

import pytest

from perennial.cluster.cache import Key
from perennial.reconcile.queue import FIRST_PAUSE, LONGEST_PAUSE, Queue, pause_after

A, B = Key("Dataset", "delays", "a"), Key("Dataset", "delays", "b")


@pytest.fixture
def queue():
    return Queue(lambda: 0.5)


async def test_a_key_that_is_added_twice_is_queued_once(queue):
    for _ in range(5):
        queue.add(A)
    assert queue.depth() == 1
    assert await queue.take() == A
    assert queue.depth() == 0


async def test_keys_come_in_the_order_of_adding(queue):
    queue.add(A)
    queue.add(B)
    assert [await queue.take(), await queue.take()] == [A, B]


async def test_an_object_is_with_one_worker_at_a_time(queue):
    queue.add(A)
    await queue.take()
    queue.add(A)
    queue.add(A)
    assert queue.depth() == 0
    queue.done(A)
    assert queue.depth() == 1
    await queue.take()
    queue.done(A)
    assert queue.depth() == 0


async def test_a_delayed_key_is_queued_by_itself(queue):
    queue.later(A, 0.01)
    assert queue.depth() == 0
    assert await asyncio.wait_for(queue.take(), timeout=1) == A


async def test_of_two_delays_the_earlier_one_counts(queue):
    queue.later(A, 60)
    queue.later(A, 0.01)
    queue.later(A, 60)
    assert await asyncio.wait_for(queue.take(), timeout=1) == A
    queue.done(A)
    await asyncio.sleep(0.02)
    assert queue.depth() == 0


async def test_a_reconciliation_replaces_the_delayed_one(queue):
    queue.later(A, 0.01)
    queue.add(A)
    await queue.take()
    queue.done(A)
    await asyncio.sleep(0.03)
    assert queue.depth() == 0


def test_pauses_double_up_to_five_minutes():
    assert pause_after(1, 0.5) == FIRST_PAUSE
    assert pause_after(3, 0.5) == 4 * FIRST_PAUSE
    assert pause_after(500, 0.5) == LONGEST_PAUSE


def test_chance_spreads_backoffs_by_a_fifth():
    assert pause_after(1, 0.0) == pytest.approx(0.8 * FIRST_PAUSE)
    assert pause_after(1, 1.0) == pytest.approx(1.2 * FIRST_PAUSE)


async def test_failures_count_until_the_next_success(queue):
    assert queue.retry(A) == 1
    assert queue.retry(A) == 2
    assert queue.retry(B) == 1
    queue.succeeded(A)
    assert queue.retry(A) == 1
    assert queue.retries == 4


async def test_retry_after_is_honoured():
    queue = Queue(lambda: 0.0)
    queue.retry(A, at_least=60.0)
    await asyncio.sleep(0)
    assert queue._timers[A].when() - asyncio.get_running_loop().time() > 50


async def test_the_longest_reconciliation_is_known(queue):
    now = asyncio.get_running_loop().time()
    assert queue.longest_running(now) == 0
    queue.add(A)
    await queue.take()
    assert queue.longest_running(now + 10) == pytest.approx(10, abs=0.1)
