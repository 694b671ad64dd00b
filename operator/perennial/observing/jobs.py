"""The Jobs of an object, as its plan sees them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Generic, TypedDict

from perennial.api.configuration import Configuration
from perennial.api.manifest import Manifest, is_over
from perennial.api.names import ORDER
from perennial.api.times import to_datetime
from perennial.cluster.cache import Cache
from perennial.cluster.protocols import EventReader
from perennial.planning.job.attempt import Attempt, R
from perennial.planning.job.outcome import attempt_of

Refusals = Mapping[str, tuple[Manifest, ...]]
"""Events of Jobs without a pod, by the Job's uid. Only Events contain why a pod is refused."""

_A_POD_APPEARS_WITHIN = timedelta(seconds=5)


class Gathered(TypedDict, Generic[R]):
    """What the plans of all kinds with Jobs depend on."""

    name: str
    namespace: str
    generation: int
    attempts: tuple[Attempt[R], ...]
    free_slots: int
    configuration: Configuration
    now: datetime


class Jobs:
    """Gathers the Jobs of objects, and why some have no pod."""

    def __init__(self, configuration: Configuration, cache: Cache, events: EventReader) -> None:
        self._configuration = configuration
        self._cache = cache
        self._events = events

    async def refusals(self, owner: Manifest, now: datetime) -> Refusals:
        """Return the Events of those Jobs of an object that should have a pod by now."""
        namespace = owner["metadata"]["namespace"]
        jobs = _jobs(owner, self._cache)
        podless = [_uid(job) for job in jobs if _lacks_pod(job, self._cache, now)]
        return {uid: await self._events.events(namespace, uid) for uid in podless}

    def gathered(
        self, owner: Manifest, refused: Refusals, report: type[R], now: datetime
    ) -> Gathered[R]:
        """Return the part of an observation that all kinds with Jobs have in common."""
        metadata = owner["metadata"]
        namespace, limit = metadata["namespace"], self._configuration.limits.jobs_per_namespace
        return {
            "name": metadata["name"],
            "namespace": namespace,
            "generation": metadata["generation"],
            "attempts": self.attempts(owner, refused, report, now),
            "free_slots": free_slots(self._cache, namespace, limit),
            "configuration": self._configuration,
            "now": now,
        }

    def attempts(
        self, owner: Manifest, refused: Refusals, report: type[R], now: datetime
    ) -> tuple[Attempt[R], ...]:
        """Return every attempt that an object's Jobs make."""
        return tuple(
            attempt_of(job, _pods(job, self._cache), refused.get(_uid(job), ()), report, now)
            for job in _jobs(owner, self._cache)
        )


def free_slots(cache: Cache, namespace: str, limit: int) -> int:
    """Return how many more Jobs a namespace may run at once."""
    return limit - cache.unfinished_jobs(namespace)


def _jobs(owner: Manifest, cache: Cache) -> list[Manifest]:
    return [
        child
        for child in cache.owned(owner["metadata"]["uid"])
        if child["kind"] == "Job" and ORDER in (child["metadata"].get("annotations") or {})
    ]


def _pods(job: Manifest, cache: Cache) -> tuple[Manifest, ...]:
    return tuple(child for child in cache.owned(_uid(job)) if child["kind"] == "Pod")


def _lacks_pod(job: Manifest, cache: Cache, now: datetime) -> bool:
    created = job["metadata"].get("creationTimestamp")
    if created is None or is_over(job) or _pods(job, cache):
        return False
    return now - to_datetime(created) >= _A_POD_APPEARS_WITHIN


def _uid(job: Manifest) -> str:
    """Return the uid, which a Job that is about to be created does not have yet."""
    return str(job["metadata"].get("uid", ""))
