"""The Jobs of one object, as its plan sees them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Generic, TypedDict

from perennial.api.configuration import Configuration
from perennial.api.manifest import Manifest, is_over
from perennial.api.names import ORDER
from perennial.api.times import to_datetime
from perennial.cluster.cache import Store
from perennial.cluster.client import Cluster
from perennial.planning.job.attempt import Attempt, R
from perennial.planning.job.outcome import attempt_of

Refusals = Mapping[str, tuple[Manifest, ...]]
"""Events of Jobs that have no pod, by the Job's uid: nothing else tells what is in the way."""

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


def gathered(
    owner: Manifest,
    store: Store,
    refused: Refusals,
    report: type[R],
    configuration: Configuration,
    now: datetime,
) -> Gathered[R]:
    """Return the part of an observation that is the same for all of them."""
    metadata = owner["metadata"]
    namespace, limit = metadata["namespace"], configuration.limits.jobs_per_namespace
    return {
        "name": metadata["name"],
        "namespace": namespace,
        "generation": metadata["generation"],
        "attempts": attempts(owner, store, refused, report, now),
        "free_slots": free_slots(store, namespace, limit),
        "configuration": configuration,
        "now": now,
    }


async def refusals(owner: Manifest, store: Store, cluster: Cluster, now: datetime) -> Refusals:
    """Ask for the Events of Jobs that should have a pod by now."""
    namespace = owner["metadata"]["namespace"]
    podless = [job for job in _jobs(owner, store) if _lacks_pod(job, store, now)]
    uids = [str(job["metadata"]["uid"]) for job in podless]
    return {uid: await cluster.events(namespace, uid) for uid in uids}


def attempts(
    owner: Manifest, store: Store, refused: Refusals, report: type[R], now: datetime
) -> tuple[Attempt[R], ...]:
    """Return every attempt that an object's Jobs make."""
    return tuple(
        attempt_of(job, _pods(job, store), refused.get(_uid(job), ()), report, now)
        for job in _jobs(owner, store)
    )


def free_slots(store: Store, namespace: str, limit: int) -> int:
    """Return how many more Jobs a namespace may run at once."""
    return limit - store.unfinished_jobs(namespace)


def _jobs(owner: Manifest, store: Store) -> list[Manifest]:
    return [
        child
        for child in store.owned(owner["metadata"]["uid"])
        if child["kind"] == "Job" and ORDER in (child["metadata"].get("annotations") or {})
    ]


def _pods(job: Manifest, store: Store) -> tuple[Manifest, ...]:
    return tuple(child for child in store.owned(_uid(job)) if child["kind"] == "Pod")


def _lacks_pod(job: Manifest, store: Store, now: datetime) -> bool:
    created = job["metadata"].get("creationTimestamp")
    if created is None or is_over(job) or _pods(job, store):
        return False
    return now - to_datetime(created) >= _A_POD_APPEARS_WITHIN


def _uid(job: Manifest) -> str:
    """Return the uid; a Job that is only about to be made has none."""
    return str(job["metadata"].get("uid", ""))
