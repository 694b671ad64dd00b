"""A work queue: each key once, one worker at a time, and a growing pause after failures."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

from perennial.cluster.cache import Key

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 300.0


def pause_after(failures: int, chance: float) -> float:
    """Return the backoff in seconds after consecutive failures; `chance` lies in [0, 1)."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 30))
    return pause * (0.8 + 0.4 * chance)


class Queue:
    """The keys of the objects to reconcile."""

    def __init__(self, chance: Callable[[], float]) -> None:
        """`chance` returns numbers in [0, 1) that spread the retries of many objects."""
        self._chance = chance
        self._ready: asyncio.Queue[Key] = asyncio.Queue()
        self._waiting: set[Key] = set()
        self._again: set[Key] = set()
        self._working: dict[Key, float] = {}
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._failures: Counter[Key] = Counter()
        self.retries = 0

    def add(self, key: Key) -> None:
        """Queue a key; a key that is queued already stays queued once."""
        if key in self._working:
            self._again.add(key)
        elif key not in self._waiting:
            self._waiting.add(key)
            self._ready.put_nowait(key)

    def later(self, key: Key, delay: float) -> None:
        """Queue a key after a delay in seconds, unless it is due earlier."""
        loop = asyncio.get_running_loop()
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= loop.time() + delay:
                return
            timer.cancel()
        self._timers[key] = loop.call_later(delay, self._due, key)

    def retry(self, key: Key, at_least: float = 0.0) -> int:
        """Queue a key after its backoff; return the number of consecutive failures."""
        self._failures[key] += 1
        self.retries += 1
        self.later(key, max(at_least, pause_after(self._failures[key], self._chance())))
        return self._failures[key]

    def succeeded(self, key: Key) -> None:
        """Reset the backoff of a key."""
        self._failures.pop(key, None)

    async def take(self) -> Key:
        """Wait for the next key; no other worker gets it before `done`."""
        key = await self._ready.get()
        self._waiting.discard(key)
        self._working[key] = asyncio.get_running_loop().time()
        if timer := self._timers.pop(key, None):
            timer.cancel()  # this reconciliation decides when the next one is due
        return key

    def done(self, key: Key) -> None:
        """Release a key; it is queued again if it was added meanwhile."""
        del self._working[key]
        if key in self._again:
            self._again.discard(key)
            self.add(key)

    def depth(self) -> int:
        """Return the number of queued keys."""
        return len(self._waiting)

    def longest_running(self, now: float) -> float:
        """Return the age in seconds of the longest reconciliation in progress."""
        return now - min(list(self._working.values()), default=now)

    def _due(self, key: Key) -> None:
        self._timers.pop(key, None)
        self.add(key)
