import asyncio
import time

from perennial.cluster.rate_limiter import Pace


async def test_a_burst_passes_and_then_the_rate_holds():
    pace = Pace(rate=100.0, burst=5, clock=time.monotonic)
    started = time.monotonic()
    for _ in range(5):
        await pace.take()
    assert time.monotonic() - started < 0.02
    for _ in range(3):
        await pace.take()
    assert 0.015 < time.monotonic() - started < 0.2


async def test_rest_refills_no_more_than_one_burst():
    clock = [0.0]
    pace = Pace(rate=10.0, burst=2, clock=lambda: clock[0])
    clock[0] = 1000.0
    await pace.take()
    await pace.take()
    third = asyncio.create_task(pace.take())
    await asyncio.sleep(0.01)
    assert not third.done()
    third.cancel()
