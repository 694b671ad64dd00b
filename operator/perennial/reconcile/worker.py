"""Takes objects from the queue, and turns what goes wrong into pauses and conditions."""

import logging
from collections.abc import Callable
from typing import Final

from pydantic import ValidationError

from perennial.api.conditions import Findings
from perennial.cluster.cache import Key
from perennial.cluster.errors import (
    ApiError,
    Conflict,
    Fenced,
    NamespaceTerminating,
    SchemaOutdated,
    Transient,
)
from perennial.reconcile.errors import explain, invalid_fields, unexpected
from perennial.reconcile.feed import Feed
from perennial.reconcile.loop import Loop
from perennial.reconcile.metrics import LoopMeasures
from perennial.reconcile.queue import LONGEST_PAUSE, Queue

log = logging.getLogger(__name__)

_STALE_AFTER: Final = 4
"""Conflicts in a row after which the watch has perhaps missed something."""


class Worker:
    """One of several that share a queue; each works on one object at a time."""

    def __init__(
        self,
        loop: Loop,
        queue: Queue,
        feed: Feed,
        measures: LoopMeasures,
        clock: Callable[[], float],
    ) -> None:
        """Take from this queue."""
        self._loop = loop
        self._feed = feed
        self._queue = queue
        self._measures = measures
        self._clock = clock

    async def work(self) -> None:
        """Take objects from the queue for ever; only losing the lead ends it."""
        while True:
            await self.work_once()

    async def work_once(self) -> None:
        """Wait for an object, and work on it."""
        key = await self._queue.take()
        started = self._clock()
        try:
            result = await self._attempt(key)
        finally:
            self._queue.done(key)
        self._measures.reconciles.labels(key.kind, result).inc()
        self._measures.time.labels(key.kind).observe(self._clock() - started)

    async def _attempt(self, key: Key) -> str:
        try:
            requeue_after = await self._loop.reconcile(key)
        except Fenced:
            raise
        except (Conflict, NamespaceTerminating):
            if self._queue.retry(key) >= _STALE_AFTER:
                self._feed.doubt(key.kind)
            return "conflict"
        except Transient as error:
            self._fail(key, error, error.retry_after or 0.0)
            return "error"
        except (ApiError, ValidationError) as error:
            return await self._refuse(key, error)
        except Exception as error:  # noqa: BLE001 - one object's trouble never stops the others
            return await self._break(key, error)
        self._queue.succeeded(key)
        if requeue_after is None:
            return "success"
        self._queue.later(key, max(0.0, requeue_after.total_seconds()))
        return "requeue_after"

    async def _refuse(self, key: Key, error: Exception) -> str:
        """Say what stands in the way; only time or somebody else can change it."""
        findings = explain(error)
        said = findings is None or await self._say(key, findings)
        if isinstance(error, ValidationError) and said:
            self._queue.succeeded(key)  # nothing but a new spec can cure it
        else:
            self._fail(key, error, LONGEST_PAUSE if isinstance(error, SchemaOutdated) else 0.0)
        return "refused"

    async def _break(self, key: Key, error: Exception) -> str:
        """Log a mistake of the operator's own: in full once, then in one line."""
        if self._fail(key, error) == 1:
            log.error("the operator failed at an object", exc_info=error, extra=_named(key))
        await self._say(key, unexpected(error))
        return "error"

    def _fail(self, key: Key, error: Exception, at_least: float = 0.0) -> int:
        self._measures.errors.labels(key.kind).inc()
        failures = self._queue.retry(key, at_least)
        # pydantic's own words repeat what the spec holds.
        words = invalid_fields(error) if isinstance(error, ValidationError) else str(error)
        cause = {"error": f"{type(error).__name__}: {words}", "failures": failures}
        log.warning("an object is tried again later", extra=_named(key) | cause)
        return failures

    async def _say(self, key: Key, findings: Findings) -> bool:
        """Write conditions; tell whether they stand."""
        try:
            await self._loop.say(key, findings)
        except Fenced:
            raise
        except ApiError as error:
            log.warning("a condition was not written", extra=_named(key) | {"error": str(error)})
            return False
        return True


def _named(key: Key) -> dict[str, object]:
    return {"kind": key.kind, "namespace": key.namespace, "object": key.name}
