"""Why the pod of a Job ended without a result, by the first finding that applies."""

import re
from collections.abc import Callable

from pydantic import ValidationError

from perennial.api.reasons import JobReason
from perennial.api.tasks import FailureReport
from perennial.planning.job.attempt import Failure
from perennial.planning.pod.blockers import cannot_start
from perennial.planning.pod.facts import STEPS, Ended, PodFacts, quote

_KILLED, _TERMINATED = 137, 143
_NEVER_STARTED = "container init was OOM-killed"
_DISK, _LOW_ON = "ephemeral-storage", "low on resource"
# The kubelet's messages about limits of pods and containers, and about nodes short of disk.
_WRITTEN = re.compile(r"ephemeral[ -](local )?storage")
_EVICTIONS = {
    "DeletionByTaintManager",
    "EvictionByEvictionAPI",
    "PreemptionByScheduler",
    "TerminationByKubelet",
}


def failure_of(facts: PodFacts) -> Failure | None:
    """Return why the pod ended without a result; None while it may still succeed."""
    return next((failure for finding in FINDINGS if (failure := finding(facts))), None)


def out_of_disk(facts: PodFacts) -> Failure | None:
    """The pod wrote more than its limit, or its node ran out of disk."""
    if facts.reason != "Evicted" or not _WRITTEN.search(facts.message):
        return None
    cause, fields = quote(facts.message).rstrip(". "), f"{facts.settings}.resources"
    in_spec = _LOW_ON not in facts.message
    remedy = f"raise {fields}.limits.{_DISK}" if in_spec else f"reserve {fields}.requests.{_DISK}"
    message = f"the pod of {facts.name} was evicted ({cause}): {remedy}, or take fewer rows"
    return Failure(JobReason.OUT_OF_DISK, message, facts.ended_at(), in_spec)


def evicted(facts: PodFacts) -> Failure | None:
    """The cluster evicted the pod."""
    disruption = facts.condition("DisruptionTarget")
    gone = facts.is_failed or facts.is_deleted
    if not gone or (facts.reason != "Evicted" and disruption.get("reason") not in _EVICTIONS):
        return None
    cause = quote(facts.message or disruption.get("message") or "")
    return Failure(
        JobReason.EVICTED, f"the pod of {facts.name} was evicted: {cause}", facts.ended_at()
    )


def deadline_passed(facts: PodFacts) -> Failure | None:
    """The pod ran until its deadline."""
    if facts.reason != "DeadlineExceeded":
        return None
    if blocker := cannot_start(facts):
        return Failure(blocker.reason, blocker.message, facts.ended_at())
    done = {ended.step for ended in facts.ended() if ended.exit_code == 0}
    step = next((step for step in STEPS if step not in done), STEPS[-1])
    seconds = facts.workload["spec"]["template"]["spec"]["activeDeadlineSeconds"]
    if any(ended.step == step and not ended.started for ended in facts.ended()):
        happened, remedy = "could not start", "check that its image and Secrets exist"
    else:
        happened, remedy = "did not finish", f"reserve more cpu in {facts.settings}.resources"
    message = (
        f"step {step} of {facts.name} {happened} within {seconds}s: "
        f"raise {facts.settings}.deadline, or {remedy}"
    )
    # Before and after the work the store is slow, and a store may recover.
    in_spec = step == "work"
    return Failure(JobReason.DEADLINE_EXCEEDED, message, facts.ended_at(), in_spec)


def out_of_memory(facts: PodFacts) -> Failure | None:
    """A step used more memory than its limit, or than the node had."""
    for ended in facts.failed():
        is_unexplained = ended.exit_code == _KILLED and not facts.is_deleted and not facts.reason
        if ended.reason == "OOMKilled" or _NEVER_STARTED in ended.message or is_unexplained:
            return _memory_failure(facts, ended)
    return None


def ended_from_outside(facts: PodFacts) -> Failure | None:
    """The pod was ended from outside."""
    killed = any(ended.exit_code in (_KILLED, _TERMINATED) for ended in facts.failed())
    if not (facts.is_failed and facts.reason) and not (facts.is_deleted and killed):
        return None
    cause = quote(f"{facts.reason or 'it was deleted'} {facts.message}")
    message = f"the pod of {facts.name} was ended before it was done: {cause}"
    return Failure(JobReason.POD_LOST, message, facts.ended_at())


def reported(facts: PodFacts) -> Failure | None:
    """A step failed, and its report contains the reason."""
    for ended in facts.failed():
        try:
            report = FailureReport.model_validate_json(ended.message)
        except ValidationError:
            continue
        return Failure(report.reason, report.message, ended.at, report.in_spec, report.quality)
    return None


def unexplained(facts: PodFacts) -> Failure | None:
    """A step failed without a readable report."""
    for ended in facts.failed():
        cause = quote(ended.message) or ended.reason or "no message"
        message = (
            f"step {ended.step} ended with exit code {ended.exit_code} and no report ({cause}): "
            f"see kubectl logs -n {facts.namespace} job/{facts.name} -c {ended.step}"
        )
        return Failure(JobReason.INTERNAL_ERROR, message, ended.at)
    if facts.is_failed:
        message = f"the pod of {facts.name} failed without a reason"
        return Failure(JobReason.POD_LOST, message, facts.ended_at())
    return None


FINDINGS: tuple[Callable[[PodFacts], Failure | None], ...] = (
    out_of_disk,
    evicted,
    deadline_passed,
    out_of_memory,
    ended_from_outside,
    reported,
    unexplained,
)


def _memory_failure(facts: PodFacts, ended: Ended) -> Failure:
    limit, fields = _memory_limit(facts, ended.step), f"{facts.settings}.resources"
    if limit is None:
        message = (
            f"step {ended.step} of {facts.name} was killed because its node ran out of memory: "
            f"reserve more in {fields}.requests.memory"
        )
        return Failure(JobReason.OUT_OF_MEMORY, message, ended.at)
    message = (
        f"step {ended.step} of {facts.name} needs more memory than its limit of {limit}: "
        f"raise {fields}.limits.memory"
    )
    return Failure(JobReason.OUT_OF_MEMORY, message, ended.at, in_spec=True)


def _memory_limit(facts: PodFacts, step: str) -> str | None:
    pod = facts.workload["spec"]["template"]["spec"]
    containers = (*pod["initContainers"], *pod["containers"])
    container = next(each for each in containers if each["name"] == step)
    limit = container.get("resources", {}).get("limits", {}).get("memory")
    return None if limit is None else str(limit)
