"""Why the pods of a server do not answer, in their own words."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from perennial.api.manifest import Manifest, condition
from perennial.api.reasons import JobReason, Progress
from perennial.api.tasks import FailureReport
from perennial.planning.pod.blockers import remedy_for, trouble_of
from perennial.planning.pod.facts import PodFacts, quote, settings_path


class Trouble(NamedTuple):
    """What keeps a pod from answering, and what to do about it."""

    reason: str
    message: str


def is_ending(pod: Manifest) -> bool:
    """Return whether the pod has been told to end, or has ended."""
    phase = (pod.get("status") or {}).get("phase")
    return "deletionTimestamp" in pod["metadata"] or phase in ("Succeeded", "Failed")


def is_ready(pod: Manifest) -> bool:
    """Return whether the pod answers, and is to go on answering."""
    return not is_ending(pod) and condition(pod, "Ready").get("status") == "True"


def trouble(deployment: Manifest, pods: Sequence[Manifest]) -> Trouble | None:
    """Return what keeps a revision from answering; the first pod with something to say tells."""
    waiting = [pod for pod in pods if not is_ending(pod) and not is_ready(pod)]
    found = (words for pod in waiting if (words := _words(deployment, pod)))
    return next(found, None) or _pods_refused(deployment)


def _words(deployment: Manifest, pod: Manifest) -> Trouble | None:
    if crash := next(_crashes(pod), None):
        return crash
    hindrance = trouble_of(PodFacts(deployment, pod))
    return Trouble(hindrance.reason, hindrance.message) if hindrance else None


def _crashes(pod: Manifest) -> Iterator[Trouble]:
    """Yield the containers that ended, and are or will be started again."""
    status = pod.get("status") or {}
    for field in ("initContainerStatuses", "containerStatuses"):
        for container in status.get(field) or ():
            for state in (container.get("state") or {}, container.get("lastState") or {}):
                ended = state.get("terminated")
                if ended and ended["exitCode"] != 0:
                    yield _epitaph(container["name"], ended)


def _epitaph(container: str, ended: Manifest) -> Trouble:
    if ended.get("reason") == "OOMKilled":
        message = (
            f"container {container} needs more memory than its limit: "
            "raise spec.server.resources.limits.memory"
        )
        return Trouble(JobReason.OUT_OF_MEMORY, message)
    said = ended.get("message") or ""
    try:
        report = FailureReport.model_validate_json(said)
    except ValidationError:
        words = quote(said) or ended.get("reason") or "it left no message"
        message = f"container {container} ended with exit code {ended['exitCode']}: {words}"
        return Trouble(Progress.SERVER_CRASHING, message)
    return Trouble(report.reason, report.message)


def _pods_refused(deployment: Manifest) -> Trouble | None:
    """Say why the API server accepts no pod, or not enough of them."""
    failure = condition(deployment, "ReplicaFailure")
    if failure.get("status") != "True":
        return None
    words = quote(failure.get("message") or "")
    reason, remedy = remedy_for(words, settings_path(deployment))
    return Trouble(reason, f"{words}: {remedy}")
