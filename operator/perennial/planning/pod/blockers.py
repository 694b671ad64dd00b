"""What keeps a Job's pod from starting: cured at its cause, the pod goes on by itself."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from perennial.api.manifest import Manifest
from perennial.api.names import prediction_key_name
from perennial.api.reasons import JobReason
from perennial.api.times import to_datetime
from perennial.planning.job.attempt import Trouble
from perennial.planning.pod.facts import PodFacts, quote, settings_path
from perennial.planning.pod.store_access import KEYS

_IMAGE_WAITS = {
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
}
_START_WAITS = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
_CLAIM = re.compile(r'persistentvolumeclaim "[^"]*"[^.,]*')
_USED = re.compile(r", used: \S+(?=, limited: )")
"""What others use changes all the time, and a status that repeats it would too."""
_CREATION = re.compile(r'^Error creating: (pods? "[^"]*" is forbidden: )?')


def trouble_of(facts: PodFacts) -> Trouble | None:
    """Return what keeps the pod from starting, by the first finding that applies."""
    return next((trouble for finding in FINDINGS if (trouble := finding(facts))), None)


def cannot_start(facts: PodFacts) -> Trouble | None:
    """Return why the node that has the pod cannot start it."""
    return image_unavailable(facts) or container_refused(facts)


def image_unavailable(facts: PodFacts) -> Trouble | None:
    """The node cannot get the image."""
    waiting = next((each for each in facts.waiting() if each.reason in _IMAGE_WAITS), None)
    if waiting is None:
        return None
    # The words before the cause alternate between trying and pausing.
    cause = quote(waiting.message.rpartition("ErrImagePull: ")[2] or waiting.reason)
    message = (
        f"image {waiting.image} cannot be pulled ({cause}): correct it in the operator's "
        f"configuration, or name its registry's Secret in {facts.settings}.pod.imagePullSecrets"
    )
    return Trouble(JobReason.IMAGE_UNAVAILABLE, message, facts.began)


def prediction_key_missing(facts: PodFacts) -> Trouble | None:
    """A server lacks the Secret that signs the ids of its predictions."""
    secret = prediction_key_name(facts.owner)
    lacking = (each for each in facts.waiting() if f'"{secret}"' in each.message)
    waiting = next(lacking, None)
    if waiting is None:
        return None
    message = f"{quote(waiting.message)}: the operator makes it again, and the pod goes on"
    return Trouble(JobReason.PREDICTION_KEY_NOT_FOUND, message, facts.began)


def container_refused(facts: PodFacts) -> Trouble | None:
    """The node cannot set a container up, most often for want of the store's Secret."""
    waiting = next((each for each in facts.waiting() if each.reason in _START_WAITS), None)
    if waiting is None:
        return None
    words = quote(waiting.message)
    if "secret" in words.lower():
        message = (
            f"{words}: create the store's Secret in namespace {facts.namespace} "
            f"with the keys {' and '.join(KEYS)}"
        )
        return Trouble(JobReason.SECRET_NOT_FOUND, message, facts.began)
    message = f"container {waiting.container} of {facts.name} cannot be started: {words}"
    return Trouble(JobReason.POD_REFUSED, message, facts.began)


def volume_missing(facts: PodFacts) -> Trouble | None:
    """The source's PersistentVolumeClaim does not exist."""
    missing = _CLAIM.search(facts.condition("PodScheduled").get("message") or "")
    if missing is None:
        return None
    message = f"{quote(missing[0])}: create it, or correct spec.source.volume.claimName"
    return Trouble(JobReason.VOLUME_NOT_FOUND, message, facts.began)


def unschedulable(facts: PodFacts) -> Trouble | None:
    """No node can take the pod."""
    scheduled = facts.condition("PodScheduled")
    if scheduled.get("reason") != "Unschedulable":
        return None
    message = (
        f"no node can take {facts.name} ({quote(scheduled.get('message') or '')}): add a node, "
        f"or change {facts.settings}.resources or {facts.settings}.pod"
    )
    since = scheduled.get("lastTransitionTime")
    return Trouble(JobReason.UNSCHEDULABLE, message, to_datetime(since) if since else facts.began)


FINDINGS: tuple[Callable[[PodFacts], Trouble | None], ...] = (
    image_unavailable,
    prediction_key_missing,
    container_refused,
    volume_missing,
    unschedulable,
)


def refusal_of(job: Manifest, events: Sequence[Manifest], since: datetime) -> Trouble | None:
    """Return why no pod can be made for a Job: only its Events tell."""
    refused = [event for event in events if event.get("reason") == "FailedCreate"]
    if not refused:
        return None
    newest = max(refused, key=_last_seen)
    said = newest.get("message") or newest.get("note") or ""
    words = quote(_USED.sub("", _CREATION.sub("", said)))
    reason, remedy = remedy_for(words, settings_path(job))
    name = job["metadata"]["name"]
    return Trouble(reason, f"no pod can be made for {name} ({words}): {remedy}", since)


def remedy_for(words: str, settings: str) -> tuple[JobReason, str]:
    """Return what to do about a pod that the API server refused, by its words."""
    if "exceeded quota" in words or "must specify" in words:
        remedy = f"raise the namespace's quota, or ask for less in {settings}.resources"
        return JobReason.QUOTA_EXCEEDED, remedy
    if "serviceaccount" in words and "not found" in words:
        remedy = f"create it, or correct {settings}.pod.serviceAccountName"
        return JobReason.SERVICE_ACCOUNT_NOT_FOUND, remedy
    return JobReason.POD_REFUSED, f"change what the message names in the namespace or in {settings}"


def _last_seen(event: Manifest) -> str:
    series = event.get("series") or {}
    seen = (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event["metadata"].get("creationTimestamp"),
    )
    return next((str(timestamp) for timestamp in seen if timestamp), "")
