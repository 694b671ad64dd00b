"""Compares what is known with the API server, because a watch can miss what happens."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from perennial.api.manifest import Manifest
from perennial.cluster.cache import Cache, Key, key_of, version_of
from perennial.cluster.client import Cluster, Listing
from perennial.cluster.errors import ApiError, NotFound
from perennial.cluster.resources import WATCHED
from perennial.reconcile.feed import Feed
from perennial.reconcile.metrics import LoopMetrics

log = logging.getLogger(__name__)

QUIET: Final = 2.0
"""Seconds after which what a watch has listed is taken in."""
_TICK: Final = 0.5
_IN_FLIGHT: Final = 1.0
_RETRY: Final = 30.0


class Sweep:
    """Fills the cache at the start, and repairs it ever after."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        feed: Feed,
        metrics: LoopMetrics,
        namespaces: tuple[str, ...],
        clock: Callable[[], float],
    ) -> None:
        """Look at these namespaces; none named means all."""
        self._cluster = cluster
        self._cache = cache
        self._feed = feed
        self._metrics = metrics
        self._namespaces: tuple[str | None, ...] = namespaces or (None,)
        self._clock = clock
        self.completed_at: float | None = None

    async def fill(self) -> None:
        """Learn of everything that exists, before anything is decided."""
        for kind in WATCHED:
            for namespace in self._namespaces:
                for manifest in (await self._cluster.list(kind, namespace)).items:
                    self._feed.ingest(None, manifest)
        self.completed_at = self._clock()

    async def run(self, period: float, chance: Callable[[], float]) -> None:
        """Compare kinds that were listed anew soon, and everything once in a period."""
        due = self._clock() + _spread(period, chance)
        while True:
            await asyncio.sleep(_TICK)
            await self._compare_stale()
            if self._clock() < due:
                continue
            complete = all([await self._swept(kind) for kind in WATCHED])
            if complete:
                self.completed_at = self._clock()
            self._feed.requeue_all()
            due = self._clock() + (_spread(period, chance) if complete else min(period, _RETRY))

    async def _compare_stale(self) -> None:
        for kind, since in list(self._feed.stale.items()):
            if self._clock() - since < QUIET:
                continue
            del self._feed.stale[kind]
            self._metrics.relists.labels(kind).inc()
            if not await self._swept(kind):
                self._feed.mark_stale(kind)

    async def _swept(self, kind: str) -> bool:
        """Compare one kind; tell whether that was possible."""
        try:
            for namespace in self._namespaces:
                await self._compare(kind, namespace)
        except Exception as error:  # the watches go on, and so must the sweep
            is_foreseen = isinstance(error, ApiError)
            told = {"kind": kind, "error": str(error)}
            log.warning("no comparison was possible", exc_info=not is_foreseen, extra=told)
            self._metrics.sweep.labels(kind, "error").inc()
            return False
        self._metrics.sweep.labels(kind, "success").inc()
        return True

    async def _compare(self, kind: str, namespace: str | None) -> None:
        known = [key for key in self._cache.keys((kind,)) if namespace in (None, key.namespace)]
        listing = await self._cluster.heads(kind, namespace)
        live = {key_of(head): head for head in listing.items}
        for key in known:
            ghost = self._ghost(key, live.get(key), listing)
            if ghost is not None:
                self._metrics.ghosts.labels(kind).inc()
                self._feed.ingest("DELETED", ghost)
        if any(self._behind(head) for head in live.values()):
            await asyncio.sleep(_IN_FLIGHT)  # most of it is under way through the watch
            for head in live.values():
                if self._behind(head):
                    await self._fetch(key_of(head))

    def _ghost(self, key: Key, head: Manifest | None, listing: Listing) -> Manifest | None:
        known = self._cache.get(key)
        if known is None or not known["metadata"].get("uid"):
            return None  # only expected so far
        if head is not None and head["metadata"]["uid"] == known["metadata"]["uid"]:
            return None
        return known if version_of(known) <= listing.version else None

    def _behind(self, head: Manifest) -> bool:
        known = self._cache.get(key_of(head))
        return known is None or version_of(known) < version_of(head)

    async def _fetch(self, key: Key) -> None:
        try:
            self._feed.ingest("MODIFIED", await self._cluster.get(*key))
        except NotFound:
            return


def _spread(period: float, chance: Callable[[], float]) -> float:
    return period * (0.9 + 0.2 * chance())
