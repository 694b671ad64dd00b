"""How fast the operator may ask: a burst, then a steady rate, in the order of asking."""

import asyncio
from collections.abc import Callable


class Pace:
    """A token bucket: `take` waits until another request may go out."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        """Begin with a full bucket."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._next = clock() - burst / rate

    async def take(self) -> None:
        """Return when the next request may go out."""
        now = self._clock()
        turn = max(self._next, now - self._burst / self._rate) + 1 / self._rate
        self._next = turn
        if turn > now:
            await asyncio.sleep(turn - now)
