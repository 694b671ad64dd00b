"""Takes objects from the queue, and turns errors into backoff and conditions."""

import logging
from collections.abc import Callable
from typing import Final

from pydantic import ValidationError

from perennial.api.conditions import Findings
from perennial.cluster.cache import Key
from perennial.cluster.errors import (
    ApiError,
    ConflictError,
    FencedError,
    NamespaceTerminatingError,
    SchemaOutdatedError,
    TransientError,
)
from perennial.reconcile.errors import explain, invalid_fields, unexpected
from perennial.reconcile.feed import Feed
from perennial.reconcile.loop import Loop
from perennial.reconcile.metrics import LoopMetrics
from perennial.reconcile.queue import LONGEST_PAUSE, Queue

log = logging.getLogger(__name__)

_STALE_AFTER: Final = 4
"""Consecutive conflicts after which the watch has probably missed an event."""


class Worker:
    """One of several that share a queue; each works on one object at a time."""

    def __init__(
        self,
        loop: Loop,
        queue: Queue,
        feed: Feed,
        metrics: LoopMetrics,
        clock: Callable[[], float],
    ) -> None:
        self._loop = loop
        self._feed = feed
        self._queue = queue
        self._metrics = metrics
        self._clock = clock

    async def work(self) -> None:
        """Reconcile for ever; only FencedError ends it."""
        while True:
            await self.work_once()

    async def work_once(self) -> None:
        """Wait for the next object and reconcile it."""
        key = await self._queue.take()
        started = self._clock()
        try:
            result = await self._attempt(key)
        finally:
            self._queue.done(key)
        self._metrics.reconciles.labels(key.kind, result).inc()
        self._metrics.time.labels(key.kind).observe(self._clock() - started)

    async def _attempt(self, key: Key) -> str:
        try:
            requeue_after = await self._loop.reconcile(key)
        except FencedError:
            raise
        except (ConflictError, NamespaceTerminatingError):
            if self._queue.retry(key) >= _STALE_AFTER:
                self._feed.mark_stale(key.kind)
            return "conflict"
        except TransientError as error:
            self._fail(key, error, error.retry_after or 0.0)
            return "error"
        except (ApiError, ValidationError) as error:
            return await self._reject(key, error)
        except Exception as error:  # noqa: BLE001 - an error at one object must not stop the others
            return await self._report_bug(key, error)
        self._queue.succeeded(key)
        if requeue_after is None:
            return "success"
        self._queue.later(key, max(0.0, requeue_after.total_seconds()))
        return "requeue_after"

    async def _reject(self, key: Key, error: Exception) -> str:
        """Record why the object cannot be reconciled: the spec, or something outside it."""
        findings = explain(error)
        is_recorded = findings is None or await self._say(key, findings)
        if isinstance(error, ValidationError) and is_recorded:
            self._queue.succeeded(key)  # only a new spec can help, and its event queues the object
        else:
            self._fail(key, error, LONGEST_PAUSE if isinstance(error, SchemaOutdatedError) else 0.0)
        return "refused"

    async def _report_bug(self, key: Key, error: Exception) -> str:
        """Log a bug of the operator: with its traceback once, then in one line."""
        if self._fail(key, error) == 1:
            log.error("the operator failed at an object", exc_info=error, extra=_named(key))
        await self._say(key, unexpected(error))
        return "error"

    def _fail(self, key: Key, error: Exception, at_least: float = 0.0) -> int:
        self._metrics.errors.labels(key.kind).inc()
        failures = self._queue.retry(key, at_least)
        # The text of pydantic repeats values of the spec, which must not be logged.
        message = invalid_fields(error) if isinstance(error, ValidationError) else str(error)
        cause = {"error": f"{type(error).__name__}: {message}", "failures": failures}
        log.warning("an object is tried again later", extra=_named(key) | cause)
        return failures

    async def _say(self, key: Key, findings: Findings) -> bool:
        """Write conditions; return whether they were recorded."""
        try:
            await self._loop.say(key, findings)
        except FencedError:
            raise
        except ApiError as error:
            log.warning("a condition was not written", extra=_named(key) | {"error": str(error)})
            return False
        return True


def _named(key: Key) -> dict[str, object]:
    return {"kind": key.kind, "namespace": key.namespace, "object": key.name}
