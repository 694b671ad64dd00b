"""Everything that kopf does here: it watches, and one handler a kind passes the events on."""

import itertools
import logging
import random
from collections.abc import Iterable, Iterator
from typing import Any, Final

import kopf
from kubernetes.aio.client.configuration import Configuration as Connection

from perennial.cluster.resources import RESOURCES, WATCHABLE, Resource
from perennial.controller.login import Login
from perennial.controller.metrics import Metrics
from perennial.reconcile.feed import Feed

log = logging.getLogger(__name__)

_LONGEST_BACKOFF: Final = 30.0


def registry(
    feed: Feed, metrics: Metrics, connection: Connection, kinds: Iterable[str]
) -> kopf.OperatorRegistry:
    """Return the handlers for these kinds; kopf must not watch what the API server lacks."""
    handlers = kopf.OperatorRegistry()
    for kind in kinds:
        _watch(RESOURCES[kind], handlers, feed, metrics)

    kopf.on.login(registry=handlers)(Login(connection, feed, metrics.cluster).session)
    return handlers


def _watch(
    resource: Resource, handlers: kopf.OperatorRegistry, feed: Feed, metrics: Metrics
) -> None:
    kind = resource.kind

    @kopf.on.event(resource.group, resource.version, resource.plural, id=kind, registry=handlers)
    async def changed(event: kopf.RawEvent, **_: Any) -> None:  # noqa: ANN401 - kopf's own
        try:
            manifest = event["object"]
            metrics.record_lag(manifest)
            feed.ingest(event["type"], manifest)
        except Exception:
            log.exception("an event could not be handled", extra={"kind": kind})
            metrics.handler_errors.labels(kind).inc()
            feed.mark_stale(kind)


def settings() -> kopf.OperatorSettings:
    """Return settings by which kopf writes nothing and waits for an unavailable API server."""
    chosen = kopf.OperatorSettings()
    chosen.posting.enabled = False
    chosen.scanning.disabled = True
    chosen.peering.standalone = True
    chosen.persistence.finalizer = "perennial.dev/never-set"
    chosen.persistence.diffbase_storage = _NoDiffBase()
    chosen.persistence.progress_storage = _NoProgress()
    for resource in map(RESOURCES.__getitem__, WATCHABLE):
        if resource.label_selector:
            place = (resource.group, resource.version, resource.plural)
            chosen.watching.label_selectors[place] = resource.label_selector
    chosen.watching.chunk_size = 500
    chosen.watching.server_timeout = 300
    chosen.watching.client_timeout = 330
    chosen.watching.connect_timeout = 10
    chosen.watching.inactivity_timeout = 70
    chosen.watching.reconnect_backoff = 1.0
    chosen.networking.request_timeout = 30
    chosen.networking.connect_timeout = 5
    chosen.networking.error_backoffs = _Backoffs()
    chosen.networking.enforce_retry_after = True
    chosen.queueing.idle_timeout = 1.0
    chosen.queueing.exit_timeout = 1.0
    chosen.process.ultimate_exiting_timeout = 25
    return chosen


class _Backoffs:
    """Endless backoffs: the watches never give up on an unavailable API server."""

    def __iter__(self) -> Iterator[float]:
        for attempt in itertools.count():
            yield min(_LONGEST_BACKOFF, 2.0**attempt / 2) * (0.8 + 0.4 * random.random())  # noqa: S311


class _NoDiffBase(kopf.DiffBaseStorage):
    """Stores no essence of an object, so that kopf writes no annotation."""

    def build(self, **_: Any) -> kopf.BodyEssence:  # noqa: ANN401
        return kopf.BodyEssence()

    def fetch(self, **_: Any) -> None:  # noqa: ANN401
        return None

    def store(self, **_: Any) -> None:  # noqa: ANN401
        return None


class _NoProgress(kopf.ProgressStorage):
    """Stores no progress of handlers, so that kopf writes no annotation."""

    def fetch(self, **_: Any) -> None:  # noqa: ANN401
        return None

    def store(self, **_: Any) -> None:  # noqa: ANN401
        return None

    def purge(self, **_: Any) -> None:  # noqa: ANN401
        return None

    def touch(self, **_: Any) -> None:  # noqa: ANN401
        return None

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        return essence
