"""What keeps the pods of a server from answering."""

from collections.abc import Iterable, Iterator, Sequence

from pydantic import ValidationError

from perennial.api.manifest import Manifest, condition
from perennial.api.names import prediction_key_name
from perennial.api.reasons import JobReason, Progress
from perennial.api.tasks import FailureReport
from perennial.api.times import to_datetime
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


def is_ending(pod: Manifest) -> bool:
    """Return whether the pod is ending, or has ended."""
    phase = (pod.get("status") or {}).get("phase")
    return "deletionTimestamp" in pod["metadata"] or phase in ("Succeeded", "Failed")


def is_ready(pod: Manifest) -> bool:
    """Return whether the pod is ready, and not ending."""
    return not is_ending(pod) and condition(pod, "Ready").get("status") == "True"


def blocker(deployment: Manifest, pods: Sequence[Manifest]) -> Blocker | None:
    """Return what keeps a revision from answering, by the first pod that shows a cause."""
    waiting = [pod for pod in pods if not is_ending(pod) and not is_ready(pod)]
    found = (_blocker_of(PodFacts(deployment, pod)) for pod in waiting)
    return next(filter(None, found), None) or _pods_refused(deployment)


def restarts(pods: Iterable[Manifest]) -> int:
    """Return the most restarts of a server among the pods that are not ready."""
    waiting = (pod for pod in pods if not is_ending(pod) and not is_ready(pod))
    statuses = ((pod.get("status") or {}).get("containerStatuses") or () for pod in waiting)
    return max((each.get("restartCount", 0) for found in statuses for each in found), default=0)


def prediction_key_missing(facts: PodFacts) -> Blocker | None:
    """A server lacks the Secret that signs the ids of its predictions."""
    secret = prediction_key_name(facts.owner)
    lacking = (each for each in facts.waiting() if f'"{secret}"' in each.message)
    waiting = next(lacking, None)
    if waiting is None:
        return None
    message = f"{quote(waiting.message)}: the operator creates it again, and the pod continues"
    return Blocker(JobReason.PREDICTION_KEY_NOT_FOUND, message, facts.began)


_LOST = ("Unknown", "ContainerStatusUnknown")
"""What a kubelet reports of containers that ended while it was away."""

FINDINGS: tuple[Finding, ...] = (
    image_unavailable,
    prediction_key_missing,
    container_refused,
    unschedulable,
)


def _blocker_of(facts: PodFacts) -> Blocker | None:
    return next(_crashes(facts), None) or first_blocker(FINDINGS, facts)


def _crashes(facts: PodFacts) -> Iterator[Blocker]:
    """Yield the containers that ended, and are or will be started again."""
    status = facts.pod.get("status") or {}
    for field in ("initContainerStatuses", "containerStatuses"):
        for container in status.get(field) or ():
            for state in (container.get("state") or {}, container.get("lastState") or {}):
                ended = state.get("terminated")
                if ended and (ended["exitCode"] != 0 or field == "containerStatuses"):
                    yield _crash(facts, container["name"], ended)


def _crash(facts: PodFacts, container: str, ended: Manifest) -> Blocker:
    finished = ended.get("finishedAt")
    return Blocker(
        *_explained(container, ended), to_datetime(finished) if finished else facts.began
    )


def _explained(container: str, ended: Manifest) -> tuple[str, str]:
    """Return the reason and the message of an ended container: its own report, if there is one."""
    if ended.get("reason") == "OOMKilled":
        message = (
            f"container {container} needs more memory than its limit: "
            "raise spec.server.resources.limits.memory"
        )
        return JobReason.OUT_OF_MEMORY, message
    if ended.get("reason") in _LOST:
        return JobReason.POD_LOST, f"container {container} was lost with its node and starts again"
    if ended["exitCode"] == 0:  # it drains when the kubelet asks it to end
        message = f"container {container} was restarted: it did not answer its liveness probe"
        return Progress.SERVER_CRASHING, message
    last_message = ended.get("message") or ""
    try:
        report = FailureReport.model_validate_json(last_message)
    except ValidationError:
        cause = quote(last_message) or ended.get("reason") or "it left no message"
        message = f"container {container} ended with exit code {ended['exitCode']}: {cause}"
        return Progress.SERVER_CRASHING, message
    return report.reason, report.message


def _pods_refused(deployment: Manifest) -> Blocker | None:
    """Return why the API server accepts no pod, or not enough of them."""
    failure = condition(deployment, "ReplicaFailure")
    if failure.get("status") != "True":
        return None
    cause = quote(failure.get("message") or "")
    reason, remedy = remedy_for(cause, settings_path(deployment))
    return Blocker(reason, f"{cause}: {remedy}", to_datetime(failure["lastTransitionTime"]))
