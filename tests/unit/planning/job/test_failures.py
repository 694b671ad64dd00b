from datetime import timedelta

import pytest

from builders.job import (
    NOON,
    condition,
    deleted,
    ended,
    job,
    job_template,
    limited,
    pod,
    running,
    waiting,
)
from perennial.planning.job.failures import failure_of
from perennial.planning.pod.facts import PodFacts

FAILURE = (
    '{"reason":"QualityFailed","inSpec":true,"message":"dep_delay: 0.09 missing, limit 0.05",'
    '"quality":{"outcome":"Failed","passed":6,"checks":[{"name":"maxMissing",'
    '"column":"dep_delay","outcome":"Failed","observed":"0.09","limit":"0.05"}]}}'
)
DEADLINE = {
    "reason": "DeadlineExceeded",
    "message": "Pod was active on the node longer than the specified deadline",
}


WROTE = "Pod ephemeral local storage usage"


def failure(found, of=None):
    return failure_of(PodFacts(of or job(), found))


@pytest.mark.parametrize("step", ["prepare", "work", "publish"])
def test_any_failing_step_tells_its_reason_and_whether_the_spec_is_at_fault(step):
    found = failure(pod("Failed", ended(step, 1, FAILURE)))
    assert found.reason == "QualityFailed"
    assert found.message == "dep_delay: 0.09 missing, limit 0.05"
    assert found.in_spec
    assert found.quality.checks[0].column == "dep_delay"
    assert found.at == NOON + timedelta(seconds=10)


def never_started():
    """What became of a pod whose image could not be pulled before its deadline."""
    found = pod("Failed", ended("prepare", 137, reason="ContainerStatusUnknown"), **DEADLINE)
    state = found["status"]["initContainerStatuses"][0]["state"]["terminated"]
    state["startedAt"] = state["finishedAt"] = None
    return found


ENDINGS = [
    (
        "a step that leaves no message",
        pod("Failed", ended("work", 3)),
        ("InternalError", False, "exit code 3", "kubectl logs -n delays job/flights-snapshot"),
    ),
    (
        "an interpreter that is not in the image",
        pod("Failed", ended("prepare", 128, 'exec: "python": not found in $PATH', "StartError")),
        ("InternalError", False, 'exec: "python": not found in $PATH'),
    ),
    (
        "a step killed for memory",
        pod("Failed", ended("prepare"), ended("work", 137, reason="OOMKilled")),
        ("OutOfMemory", True, "limit of 64Mi", "raise spec.job.resources.limits.memory"),
    ),
    (
        "a child process killed for memory",
        pod("Failed", ended("work", 1, FAILURE, "OOMKilled")),
        ("OutOfMemory", True, "limit of 64Mi"),
    ),
    (
        "a kill that the runtime did not explain",
        pod("Failed", ended("publish", 137)),
        ("OutOfMemory", True, "step publish", "limit of 64Mi"),
    ),
    (
        "a limit too small to start in",
        pod(
            "Failed",
            ended("prepare", 128, "container init was OOM-killed (limit too low?)", "StartError"),
        ),
        ("OutOfMemory", True, "step prepare", "limit of 64Mi"),
    ),
    (
        "work that reached the deadline",
        pod("Failed", ended("prepare"), ended("work", 137), **DEADLINE),
        ("DeadlineExceeded", True, "step work", "within 3600s", "raise spec.job.deadline"),
    ),
    (
        "a slow store that reached the deadline",
        pod("Failed", ended("prepare", 143), **DEADLINE),
        ("DeadlineExceeded", False, "step prepare"),
    ),
    (
        "an image that did not arrive before the deadline",
        pod("Failed", waiting("prepare", "ImagePullBackOff", "Back-off pulling"), **DEADLINE),
        ("ImageUnavailable", False, "job:1"),
    ),
    (
        "a step that the node lost sight of before it began",
        never_started(),
        ("DeadlineExceeded", False, "could not start", "image and Secrets"),
    ),
    (
        "a pod that wrote more than its limit",
        pod(
            "Failed",
            reason="Evicted",
            message=f"{WROTE} exceeds the total limit of containers 1Gi. ",
        ),
        ("OutOfDisk", True, "limit of containers 1Gi)", "raise spec.job.resources.limits.eph"),
    ),
    (
        "a step that wrote more than its limit",
        pod(
            "Failed",
            reason="Evicted",
            message='Container work exceeded its local ephemeral storage limit "1Gi". ',
        ),
        ("OutOfDisk", True, "Container work", "take fewer rows"),
    ),
    (
        "a node whose disk is full",
        pod(
            "Failed", reason="Evicted", message="The node was low on resource: ephemeral-storage. "
        ),
        ("OutOfDisk", False, "reserve spec.job.resources.requests.ephemeral-storage"),
    ),
    (
        "a node that needed the room",
        pod("Failed", reason="Evicted", message="The node was low on resource: memory."),
        ("Evicted", False, "The node was low on resource: memory."),
    ),
    (
        "a pod that made room for a more important one",
        deleted(
            pod(
                "Running",
                running("work"),
                conditions=[
                    condition(
                        "DisruptionTarget",
                        reason="PreemptionByScheduler",
                        message="preempting to accommodate a higher priority pod",
                    )
                ],
            )
        ),
        ("Evicted", False, "higher priority"),
    ),
    (
        "a pod that somebody deleted",
        deleted(pod("Running", ended("prepare"), ended("work", 137))),
        ("PodLost", False, "it was deleted"),
    ),
    (
        "a node that shut down",
        pod("Failed", ended("work", 137), reason="Terminated", message="Pod was terminated"),
        ("PodLost", False, "Terminated Pod was terminated"),
    ),
    (
        "a pod that says nothing",
        pod("Failed"),
        ("PodLost", False, "without a reason"),
    ),
]


@pytest.mark.parametrize(("what", "found", "expected"), ENDINGS, ids=[row[0] for row in ENDINGS])
def test_each_ending_has_a_reason_and_a_remedy(what, found, expected):
    reason, in_spec, *parts = expected
    result = failure(found, job(job_template(limited("64Mi"))))
    assert (result.reason, result.in_spec) == (reason, in_spec), what
    for part in parts:
        assert part in result.message


def test_without_a_limit_the_node_was_too_small_and_another_attempt_may_help():
    found = failure(pod("Failed", ended("work", 137, reason="OOMKilled")))
    assert (found.reason, found.in_spec) == ("OutOfMemory", False)
    assert "spec.job.resources.requests.memory" in found.message


def test_the_remedy_names_the_field_of_the_owners_kind():
    of = job(job_template(limited("64Mi"), kind="Model"))
    found = failure(pod("Failed", ended("work", 137, reason="OOMKilled")), of)
    assert "raise spec.training.job.resources.limits.memory" in found.message


def test_a_pod_that_may_still_bring_a_result_has_not_failed():
    assert failure(pod("Running", ended("prepare"), running("work"))) is None
    assert failure(pod("Pending")) is None
    assert failure(deleted(pod("Running", running("work")))) is None
