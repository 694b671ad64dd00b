import asyncio

import pytest

from perennial.controller.startup import _cause, _done, _end


async def forever():
    await asyncio.Event().wait()


async def failing():
    raise KeyError("ours")


async def deaf():
    """Swallow the first cancellation, as kopf's watches can."""
    try:
        await forever()
    except asyncio.CancelledError:
        await forever()


async def test_a_coroutine_runs_unless_the_process_stops():
    stop = asyncio.Event()
    assert await _done(asyncio.sleep(0), stop)
    asyncio.get_running_loop().call_later(0.01, stop.set)
    assert not await _done(forever(), stop)


async def test_the_error_of_a_coroutine_is_raised():
    with pytest.raises(KeyError):
        await _done(failing(), asyncio.Event())


async def test_ending_waits_for_tasks_except_those_that_ignore_cancellation(monkeypatch):
    monkeypatch.setattr("perennial.controller.startup._SHUTDOWN_SECONDS", 0.01)
    heeding, not_heeding = asyncio.create_task(forever()), asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await _end([heeding, not_heeding])
    assert heeding.cancelled()
    assert not not_heeding.done()
    not_heeding.cancel()


async def test_the_cause_is_the_first_error_of_what_ended():
    broken, stopped = asyncio.create_task(failing()), asyncio.create_task(forever())
    await asyncio.sleep(0)
    stopped.cancel()
    await asyncio.wait([broken, stopped])
    assert isinstance(_cause({broken, stopped}), KeyError)
    assert _cause({stopped}) is None
