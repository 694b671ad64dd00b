import asyncio
import time

from perennial.cluster.rate_limiter import RateLimiter


async def test_a_burst_passes_at_once():
    limiter = RateLimiter(rate=10.0, burst=5, clock=lambda: 0.0)
    started = time.monotonic()
    for _ in range(5):
        await limiter.acquire()
    assert time.monotonic() - started < 0.1  # the pause of a single request beyond the burst


async def test_requests_beyond_the_burst_keep_the_rate():
    limiter = RateLimiter(rate=100.0, burst=1, clock=time.monotonic)
    started = time.monotonic()
    for _ in range(4):
        await limiter.acquire()
    assert time.monotonic() - started >= 0.025


async def test_rest_refills_no_more_than_one_burst():
    clock = [0.0]
    limiter = RateLimiter(rate=10.0, burst=2, clock=lambda: clock[0])
    clock[0] = 1000.0
    await limiter.acquire()
    await limiter.acquire()
    third = asyncio.create_task(limiter.acquire())
    await asyncio.sleep(0.01)
    assert not third.done()
    third.cancel()
