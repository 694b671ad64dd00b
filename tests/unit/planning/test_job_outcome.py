from datetime import timedelta

import pytest

from builders.job import (
    NOON,
    condition,
    deleted,
    ended,
    errand,
    job,
    limited,
    pod,
    refused,
    running,
    unscheduled,
    waiting,
)
from perennial.api.tasks import SnapshotReport, TrainingReport
from perennial.planning.job_outcome import run_of

REPORT = (
    '{"digest":"sha256:' + "a" * 64 + '","path":"perennial/delays/snapshots/a/","rows":100,'
    '"from":"2013-01-01T05:00:00Z","to":"2013-02-28T23:59:00Z","bytes":4096,'
    '"quality":{"outcome":"Passed","passed":7}}'
)
FAILURE = (
    '{"reason":"QualityFailed","inSpec":true,"message":"dep_delay: 0.09 missing, limit 0.05",'
    '"quality":{"outcome":"Failed","passed":6,"checks":[{"name":"maxMissing",'
    '"column":"dep_delay","outcome":"Failed","observed":"0.09","limit":"0.05"}]}}'
)
DEADLINE = {
    "reason": "DeadlineExceeded",
    "message": "Pod was active on the node longer than the specified deadline",
}


def outcome(*pods, of=None, events=(), report=SnapshotReport):
    return run_of(of or job(), pods, events, report, NOON)


def test_a_job_at_work_has_no_outcome():
    run = outcome(pod("Pending", ended("prepare"), running("work")))
    assert (run.report, run.failure, run.trouble, run.ended) == (None, None, None, None)
    assert run.has_pod
    assert not run.over


def test_a_job_that_is_only_just_being_made_has_no_uid_yet():
    expected = job()
    del expected["metadata"]["uid"], expected["metadata"]["creationTimestamp"]
    assert run_of(expected, (), (), SnapshotReport, NOON).uid == ""


def test_the_report_is_read_as_soon_as_publish_ends_seconds_before_the_job_completes():
    run = outcome(pod("Running", ended("prepare"), ended("work"), ended("publish", 0, REPORT)))
    assert run.report.rows == 100
    assert run.ended == NOON + timedelta(seconds=10)
    assert not run.over


def test_the_attempt_is_told_by_the_jobs_name():
    assert outcome(pod(), of=job(attempt=12)).attempt == 12


def test_a_job_that_is_complete_or_failed_starts_no_more_pods():
    assert outcome(pod(), of=job(errand(), 1, condition("Complete"))).over
    assert outcome(pod(), of=job(errand(), 1, condition("Failed"))).over
    assert not outcome(pod(), of=job(errand(), 1, condition("FailureTarget"))).over


@pytest.mark.parametrize("said", ["", REPORT[:-20], "{}", "null"])
def test_a_report_that_cannot_be_read_is_an_internal_error(said):
    failure = outcome(pod("Succeeded", ended("publish", 0, said))).failure
    assert failure.reason == "InternalError"
    assert "cannot be read" in failure.message


def test_a_report_of_another_task_is_not_taken_for_ones_own():
    run = outcome(pod("Succeeded", ended("publish", 0, REPORT)), report=TrainingReport)
    assert run.failure.reason == "InternalError"


@pytest.mark.parametrize("step", ["prepare", "work", "publish"])
def test_any_failing_step_tells_its_reason_and_whether_the_spec_is_at_fault(step):
    failure = outcome(pod("Failed", ended(step, 1, FAILURE))).failure
    assert failure.reason == "QualityFailed"
    assert failure.message == "dep_delay: 0.09 missing, limit 0.05"
    assert failure.in_spec
    assert failure.quality.checks[0].column == "dep_delay"
    assert failure.at == NOON + timedelta(seconds=10)


ENDINGS = [
    (
        "a step that leaves no words",
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
        ("DeadlineExceeded", True, "step work", "after 3600s", "raise spec.job.deadline"),
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
        ("PodLost", False, "somebody deleted it"),
    ),
    (
        "a node that shut down",
        pod("Failed", ended("work", 137), reason="Terminated", message="Pod was terminated"),
        ("PodLost", False, "Terminated Pod was terminated"),
    ),
    (
        "a pod that says nothing",
        pod("Failed"),
        ("PodLost", False, "nothing says why"),
    ),
]


@pytest.mark.parametrize(("what", "found", "expected"), ENDINGS, ids=[row[0] for row in ENDINGS])
def test_each_ending_has_a_reason_and_a_remedy(what, found, expected):
    reason, in_spec, *words = expected
    failure = outcome(found, of=job(errand(limited("64Mi")))).failure
    assert (failure.reason, failure.in_spec) == (reason, in_spec), what
    for part in words:
        assert part in failure.message


def test_without_a_limit_the_node_was_too_small_and_another_attempt_may_help():
    failure = outcome(pod("Failed", ended("work", 137, reason="OOMKilled"))).failure
    assert (failure.reason, failure.in_spec) == ("OutOfMemory", False)
    assert "spec.job.resources.requests.memory" in failure.message


def test_the_remedy_names_the_field_of_the_owners_kind():
    of = job(errand(limited("64Mi"), kind="Model"))
    failure = outcome(pod("Failed", ended("work", 137, reason="OOMKilled")), of=of).failure
    assert "raise spec.training.job.resources.limits.memory" in failure.message


PULL = (
    "ErrImagePull: failed to pull and unpack image: failed to resolve reference: job:1: not found"
)
TROUBLES = [
    (
        "an image that is being pulled again and again",
        pod("Pending", waiting("prepare", "ImagePullBackOff", f'Back-off pulling "job:1": {PULL}')),
        ("ImageUnavailable", "image job:1", "job:1: not found", "spec.job.pod.imagePullSecrets"),
    ),
    (
        "an image without a valid name",
        pod("Pending", waiting("prepare", "InvalidImageName", "couldn't parse image name")),
        ("ImageUnavailable", "couldn't parse image name"),
    ),
    (
        "an image that must be on the node and is not",
        pod("Pending", waiting("prepare", "ErrImageNeverPull", "not present with pull policy")),
        ("ImageUnavailable", "not present with pull policy"),
    ),
    (
        "a Secret that is not there",
        pod("Pending", waiting("prepare", "CreateContainerConfigError", 'secret "keys" not found')),
        ("SecretNotFound", 'secret "keys" not found', "namespace delays", "AWS_SECRET_ACCESS_KEY"),
    ),
    (
        "a Secret without the key",
        pod(
            "Pending",
            waiting(
                "publish",
                "CreateContainerConfigError",
                "couldn't find key AWS_ACCESS_KEY_ID in Secret delays/keys",
            ),
        ),
        ("SecretNotFound", "couldn't find key AWS_ACCESS_KEY_ID"),
    ),
    (
        "an image that insists on root",
        pod(
            "Pending",
            waiting(
                "work",
                "CreateContainerConfigError",
                "container has runAsNonRoot and image will run as root",
            ),
        ),
        ("PodRefused", "container work", "image will run as root"),
    ),
    (
        "a claim that is not there",
        unscheduled('persistentvolumeclaim "exports" not found'),
        ("VolumeNotFound", '"exports" not found', "spec.source.volume.claimName"),
    ),
    (
        "a cluster without room",
        unscheduled("0/1 nodes are available: 1 Insufficient memory."),
        ("Unschedulable", "1 Insufficient memory", "spec.job.resources"),
    ),
]


@pytest.mark.parametrize(("what", "found", "expected"), TROUBLES, ids=[row[0] for row in TROUBLES])
def test_each_hindrance_has_a_reason_and_a_remedy_while_the_job_lives(what, found, expected):
    reason, *words = expected
    run = outcome(found)
    assert (run.trouble.reason, run.failure) == (reason, None), what
    for part in words:
        assert part in run.trouble.message


def test_trying_to_pull_and_pausing_say_the_same():
    trying = outcome(pod("Pending", waiting("prepare", "ErrImagePull", PULL)))
    pausing = outcome(pod("Pending", waiting("prepare", "ImagePullBackOff", f"Back-off: {PULL}")))
    assert trying.trouble == pausing.trouble


REFUSALS = [
    (
        'pods "x-1" is forbidden: exceeded quota: small, requested: requests.memory=512Mi',
        ("QuotaExceeded", "exceeded quota: small", "spec.job.resources"),
    ),
    (
        'pods "x-2" is forbidden: failed quota: small: must specify limits.memory for: work',
        ("QuotaExceeded", "must specify limits.memory"),
    ),
    (
        'pods "x-3" is forbidden: looking up a/trainer: serviceaccount "trainer" not found',
        ("ServiceAccountNotFound", '"trainer" not found', "spec.job.pod.serviceAccountName"),
    ),
    (
        'pods "x-4" is forbidden: violates PodSecurity "restricted:latest": hostPath',
        ("PodRefused", "violates PodSecurity"),
    ),
    (
        'admission webhook "policy.example.com" denied the request: no team label',
        ("PodRefused", "no team label"),
    ),
]


@pytest.mark.parametrize(("said", "expected"), REFUSALS, ids=[row[1][1] for row in REFUSALS])
def test_a_job_without_a_pod_is_explained_by_its_events(said, expected):
    reason, *words = expected
    trouble = outcome(events=(refused(said),)).trouble
    assert trouble.reason == reason
    for part in words:
        assert part in trouble.message


def test_the_random_name_of_a_refused_pod_is_left_out():
    first = outcome(events=(refused('pods "x-1" is forbidden: exceeded quota: q'),))
    again = outcome(events=(refused('pods "x-2" is forbidden: exceeded quota: q'),))
    assert first.trouble == again.trouble


def test_the_newest_refusal_counts_and_other_events_do_not():
    created = {"reason": "SuccessfulCreate", "metadata": {}, "lastTimestamp": "2099"}
    old, new = refused("exceeded quota: a", after=1), refused("violates PodSecurity", after=9)
    assert outcome(events=(new, old, created)).trouble.reason == "PodRefused"


def test_a_pod_that_exists_makes_old_refusals_meaningless():
    assert outcome(pod("Running"), events=(refused("exceeded quota: a"),)).trouble is None


@pytest.mark.parametrize("kind", ["Complete", "Failed"])
def test_a_job_that_ended_and_has_no_pod_took_its_report_with_it(kind):
    over = condition(kind, reason="BackoffLimitExceeded", message="has reached it", after=30)
    failure = outcome(of=job(errand(), 1, over)).failure
    assert (failure.reason, failure.in_spec) == ("PodLost", False)
    assert failure.at == NOON + timedelta(seconds=30)


def test_only_the_newest_of_several_pods_tells():
    old = pod("Failed", ended("work", 1, FAILURE))
    new = pod("Running", running("work"))
    new["metadata"]["creationTimestamp"] = "2026-03-01T13:00:00Z"
    assert outcome(new, old).failure is None
