"""What keeps a pod from starting, whichever workload it belongs to."""

from collections.abc import Callable, Sequence

from perennial.api.reasons import JobReason
from perennial.api.times import to_datetime
from perennial.planning.pod.blocker import Blocker
from perennial.planning.pod.facts import PodFacts, quote
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


Finding = Callable[[PodFacts], Blocker | None]


def first_blocker(findings: Sequence[Finding], facts: PodFacts) -> Blocker | None:
    """Return the blocker of the first finding that applies."""
    return next((blocker for finding in findings if (blocker := finding(facts))), None)


def cannot_start(facts: PodFacts) -> Blocker | None:
    """Return why the pod's node cannot start it."""
    return image_unavailable(facts) or container_refused(facts)


def image_unavailable(facts: PodFacts) -> Blocker | None:
    """The node cannot get the image."""
    waiting = next((each for each in facts.waiting() if each.reason in _IMAGE_WAITS), None)
    if waiting is None:
        return None
    # What precedes the cause alternates between pulling and backing off.
    cause = quote(waiting.message.rpartition("ErrImagePull: ")[2] or waiting.reason)
    message = (
        f"image {waiting.image} cannot be pulled ({cause}): correct it in the operator's "
        f"configuration, or name its registry's Secret in {facts.settings}.pod.imagePullSecrets"
    )
    return Blocker(JobReason.IMAGE_UNAVAILABLE, message, facts.began)


def container_refused(facts: PodFacts) -> Blocker | None:
    """The node cannot create a container, most often because a Secret is missing."""
    waiting = next((each for each in facts.waiting() if each.reason in _START_WAITS), None)
    if waiting is None:
        return None
    cause = quote(waiting.message)
    if "secret" in cause.lower():
        message = (
            f"{cause}: create the store's Secret in namespace {facts.namespace} "
            f"with the keys {' and '.join(KEYS)}"
        )
        return Blocker(JobReason.SECRET_NOT_FOUND, message, facts.began)
    message = f"container {waiting.container} of {facts.name} cannot be started: {cause}"
    return Blocker(JobReason.POD_REFUSED, message, facts.began)


def unschedulable(facts: PodFacts) -> Blocker | None:
    """No node has room for the pod."""
    scheduled = facts.condition("PodScheduled")
    if scheduled.get("reason") != "Unschedulable":
        return None
    message = (
        f"no node has room for {facts.name} ({quote(scheduled.get('message') or '')}): add a node, "
        f"or change {facts.settings}.resources or {facts.settings}.pod"
    )
    since = scheduled.get("lastTransitionTime")
    return Blocker(JobReason.UNSCHEDULABLE, message, to_datetime(since) if since else facts.began)


def remedy_for(message: str, settings: str) -> tuple[JobReason, str]:
    """Return the reason and the remedy for a pod that the API server refused."""
    if "exceeded quota" in message or "must specify" in message:
        remedy = f"raise the namespace's quota, or request less in {settings}.resources"
        return JobReason.QUOTA_EXCEEDED, remedy
    if "serviceaccount" in message and "not found" in message:
        remedy = f"create it, or correct {settings}.pod.serviceAccountName"
        return JobReason.SERVICE_ACCOUNT_NOT_FOUND, remedy
    return JobReason.POD_REFUSED, f"change the namespace or {settings} accordingly"
