"""What keeps the pod of a Job from starting."""

import re
from collections.abc import Sequence
from datetime import datetime

from perennial.api.manifest import Manifest
from perennial.api.reasons import JobReason
from perennial.planning.pod.blocker import Blocker
from perennial.planning.pod.blockers import (
    Finding,
    container_refused,
    first_blocker,
    image_unavailable,
    remedy_for,
    unschedulable,
)
from perennial.planning.pod.facts import PodFacts, quote, settings_path

_CLAIM = re.compile(r'persistentvolumeclaim "[^"]*"[^.,]*')
_USED = re.compile(r", used: \S+(?=, limited: )")
"""The usage of others: it changes all the time, and a message that repeats it would, too."""
_CREATION = re.compile(r'^Error creating: (pods? "[^"]*" is forbidden: )?')


def blocker_of(facts: PodFacts) -> Blocker | None:
    """Return what keeps the pod of a Job from starting."""
    return first_blocker(FINDINGS, facts)


def volume_missing(facts: PodFacts) -> Blocker | None:
    """The source's PersistentVolumeClaim does not exist."""
    missing = _CLAIM.search(facts.condition("PodScheduled").get("message") or "")
    if missing is None:
        return None
    message = f"{quote(missing[0])}: create it, or correct spec.source.volume.claimName"
    return Blocker(JobReason.VOLUME_NOT_FOUND, message, facts.began)


FINDINGS: tuple[Finding, ...] = (
    image_unavailable,
    container_refused,
    volume_missing,
    unschedulable,
)


def refusal_of(job: Manifest, events: Sequence[Manifest], since: datetime) -> Blocker | None:
    """Return why no pod can be created for a Job; only its Events contain the reason."""
    refused = [event for event in events if event.get("reason") == "FailedCreate"]
    if not refused:
        return None
    newest = max(refused, key=_last_seen)
    text = newest.get("message") or newest.get("note") or ""
    cause = quote(_USED.sub("", _CREATION.sub("", text)))
    reason, remedy = remedy_for(cause, settings_path(job))
    name = job["metadata"]["name"]
    return Blocker(reason, f"no pod can be created for {name} ({cause}): {remedy}", since)


def _last_seen(event: Manifest) -> str:
    series = event.get("series") or {}
    seen = (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event["metadata"].get("creationTimestamp"),
    )
    return next((str(timestamp) for timestamp in seen if timestamp), "")
