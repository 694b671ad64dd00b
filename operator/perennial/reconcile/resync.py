"""When the cache is filled and compared: at the start, when a kind is stale, and periodically."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from perennial.cluster.discovery import require
from perennial.cluster.errors import ApiError
from perennial.cluster.protocols import Discovery
from perennial.reconcile.feed import Feed
from perennial.reconcile.sweep import Sweep

log = logging.getLogger(__name__)

QUIET: Final = 2.0
"""Seconds within which a watch that started over has delivered the objects of its list."""
_TICK: Final = 0.5
_RETRY: Final = 30.0


class Resync:
    """Keeps the cache equal to the API server for the kinds that it serves."""

    def __init__(
        self,
        discovery: Discovery,
        sweep: Sweep,
        feed: Feed,
        clock: Callable[[], float],
        period: float,
    ) -> None:
        """`period` is the time in seconds between two comparisons of all kinds."""
        self._discovery = discovery
        self._sweep = sweep
        self._feed = feed
        self._clock = clock
        self._compared_at: float | None = None
        self.period = period
        self.kinds: tuple[str, ...] = ()

    async def fill(self) -> None:
        """Discover the kinds to watch and cache their objects, before anything is decided.

        Raises:
            MissingKindsError: The API server does not serve a kind that is required.
            ApiError: The API server cannot be read.

        """
        self.kinds = await self._discovery.served_kinds()
        require(self.kinds)
        for kind in self.kinds:
            await self._sweep.fill(kind)
        self._compared_at = self._clock()

    async def run(self, chance: Callable[[], float]) -> None:
        """Compare stale kinds soon and all kinds once in a period; `chance` lies in [0, 1).

        Returns when the API server serves a kind that it did not serve before: running watches
        cannot be extended, so only a new process can watch that kind.
        """
        due = self._clock() + self._spread(chance)
        while True:
            await asyncio.sleep(_TICK)
            await self._compare_stale()
            if self._clock() < due:
                continue
            if await self._new_kinds():
                return
            complete = all([await self._sweep.compare(kind) for kind in self.kinds])
            if complete:
                self._compared_at = self._clock()
            self._feed.requeue_all()
            due = self._clock() + (self._spread(chance) if complete else min(self.period, _RETRY))

    def overdue(self) -> float | None:
        """Return the seconds since the last complete comparison if these are too many."""
        if self._compared_at is None:
            return None
        age = self._clock() - self._compared_at
        return age if age > 2 * self.period + 60 else None

    async def _compare_stale(self) -> None:
        for kind, since in list(self._feed.stale.items()):
            if self._clock() - since < QUIET:
                continue
            del self._feed.stale[kind]
            if not await self._sweep.recompare(kind):
                self._feed.mark_stale(kind)

    async def _new_kinds(self) -> bool:
        try:
            served = await self._discovery.served_kinds()
        except ApiError as error:
            log.warning("the served kinds cannot be read", extra={"error": str(error)})
            return False
        new = [kind for kind in served if kind not in self.kinds]
        if new:
            log.warning("the API server serves new kinds", extra={"kinds": new})
        return bool(new)

    def _spread(self, chance: Callable[[], float]) -> float:
        """Return a period that differs between processes by up to 10 %."""
        return self.period * (0.9 + 0.2 * chance())
