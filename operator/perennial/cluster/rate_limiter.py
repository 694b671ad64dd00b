"""Limits how fast the operator sends requests: a burst, then a steady rate, in order."""

import asyncio
from collections.abc import Callable


class RateLimiter:
    """A token bucket: `acquire` waits until another request may go out."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        """`rate` is in requests per second; the bucket starts full, with `burst` requests."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._next = clock() - burst / rate

    async def acquire(self) -> None:
        """Return when the next request may go out."""
        now = self._clock()
        due = max(self._next, now - self._burst / self._rate) + 1 / self._rate
        self._next = due
        if due > now:
            await asyncio.sleep(due - now)
