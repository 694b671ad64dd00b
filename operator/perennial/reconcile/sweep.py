"""Compares the cache with the API server, because a watch can miss what happens."""

import asyncio
import logging
from typing import Final

from perennial.api.manifest import Manifest
from perennial.cluster.cache import Cache, Key, key_of, version_of
from perennial.cluster.errors import ApiError, NotFoundError
from perennial.cluster.protocols import ClusterReader, Listing
from perennial.reconcile.feed import Feed
from perennial.reconcile.metrics import LoopMetrics

log = logging.getLogger(__name__)

_IN_FLIGHT: Final = 1.0
"""Seconds that an event may need to arrive through the watch."""


class Sweep:
    """Fills the cache with the objects of a kind, and repairs it."""

    def __init__(
        self,
        cluster: ClusterReader,
        cache: Cache,
        feed: Feed,
        metrics: LoopMetrics,
        namespaces: tuple[str, ...],
    ) -> None:
        """No namespaces mean all namespaces."""
        self._cluster = cluster
        self._cache = cache
        self._feed = feed
        self._metrics = metrics
        self._namespaces: tuple[str | None, ...] = namespaces or (None,)

    async def fill(self, kind: str) -> None:
        """Ingest every object of a kind."""
        self._cache.cover(kind)
        for namespace in self._namespaces:
            for manifest in (await self._cluster.list(kind, namespace)).items:
                self._feed.ingest(None, manifest)

    async def compare(self, kind: str) -> bool:
        """Repair what the cache holds of a kind; return whether the API server could be read."""
        try:
            for namespace in self._namespaces:
                await self._compare(kind, namespace)
        except Exception as error:  # the watches go on, and so must the comparisons
            is_foreseen = isinstance(error, ApiError)
            context = {"kind": kind, "error": str(error)}
            log.warning("no comparison was possible", exc_info=not is_foreseen, extra=context)
            self._metrics.sweep.labels(kind, "error").inc()
            return False
        self._metrics.sweep.labels(kind, "success").inc()
        return True

    async def recompare(self, kind: str) -> bool:
        """Compare a kind whose watch started over."""
        self._metrics.relists.labels(kind).inc()
        return await self.compare(kind)

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
            await asyncio.sleep(_IN_FLIGHT)  # most events are on their way through the watch
            for head in live.values():
                if self._behind(head):
                    await self._fetch(key_of(head))

    def _ghost(self, key: Key, head: Manifest | None, listing: Listing) -> Manifest | None:
        """Return the cached object if it was deleted before the list was made."""
        known = self._cache.get(key)
        if known is None or not known["metadata"].get("uid"):
            return None  # reserved, not created yet
        if head is not None and head["metadata"]["uid"] == known["metadata"]["uid"]:
            return None
        return known if version_of(known) <= listing.version else None

    def _behind(self, head: Manifest) -> bool:
        known = self._cache.get(key_of(head))
        return known is None or version_of(known) < version_of(head)

    async def _fetch(self, key: Key) -> None:
        try:
            self._feed.ingest("MODIFIED", await self._cluster.get(*key))
        except NotFoundError:
            return
