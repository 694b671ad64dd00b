from datetime import timedelta

import pytest

from builders.job import (
    NOON,
    condition,
    ended,
    job,
    job_template,
    pod,
    refused,
    running,
    waiting,
)
from perennial.api.tasks import SnapshotReport, TrainingReport
from perennial.planning.job.outcome import attempt_of

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


def outcome(*pods, of=None, events=(), report=SnapshotReport):
    return attempt_of(of or job(), pods, events, report, NOON)


def test_a_job_at_work_has_no_outcome():
    attempt = outcome(pod("Pending", ended("prepare"), running("work")))
    assert (attempt.report, attempt.failure, attempt.blocker, attempt.ended) == (
        None,
        None,
        None,
        None,
    )
    assert attempt.has_pod
    assert not attempt.over


def test_a_job_that_is_only_just_being_made_has_no_uid_yet():
    expected = job()
    del expected["metadata"]["uid"], expected["metadata"]["creationTimestamp"]
    assert attempt_of(expected, (), (), SnapshotReport, NOON).uid == ""


def test_the_report_is_read_as_soon_as_publish_ends_seconds_before_the_job_completes():
    attempt = outcome(pod("Running", ended("prepare"), ended("work"), ended("publish", 0, REPORT)))
    assert attempt.report.rows == 100
    assert attempt.ended == NOON + timedelta(seconds=10)
    assert not attempt.over


def test_the_attempt_is_told_by_the_jobs_name():
    assert outcome(pod(), of=job(number=12)).number == 12


def test_a_job_that_is_complete_or_failed_starts_no_more_pods():
    assert outcome(pod(), of=job(job_template(), 1, condition("Complete"))).over
    assert outcome(pod(), of=job(job_template(), 1, condition("Failed"))).over
    assert not outcome(pod(), of=job(job_template(), 1, condition("FailureTarget"))).over


@pytest.mark.parametrize("text", ["", REPORT[:-20], "{}", "null"])
def test_a_report_that_cannot_be_read_is_an_internal_error(text):
    failure = outcome(pod("Succeeded", ended("publish", 0, text))).failure
    assert failure.reason == "InternalError"
    assert "cannot be read" in failure.message


def test_a_report_of_another_task_is_not_taken_for_ones_own():
    attempt = outcome(pod("Succeeded", ended("publish", 0, REPORT)), report=TrainingReport)
    assert attempt.failure.reason == "InternalError"


@pytest.mark.parametrize("kind", ["Complete", "Failed"])
def test_a_job_that_ended_and_has_no_pod_took_its_report_with_it(kind):
    over = condition(kind, reason="BackoffLimitExceeded", message="has reached it", after=30)
    failure = outcome(of=job(job_template(), 1, over)).failure
    assert (failure.reason, failure.in_spec) == ("PodLost", False)
    assert failure.at == NOON + timedelta(seconds=30)


def test_only_the_newest_of_several_pods_tells():
    old = pod("Failed", ended("work", 1, FAILURE))
    new = pod("Running", running("work"))
    new["metadata"]["creationTimestamp"] = "2026-03-01T13:00:00Z"
    assert outcome(new, old).failure is None


def test_a_job_without_a_pod_is_explained_by_its_events():
    attempt = outcome(events=(refused("exceeded quota: a"),))
    assert attempt.blocker.reason == "QuotaExceeded"
    assert not attempt.has_pod


def test_a_pod_that_exists_makes_old_refusals_meaningless():
    assert outcome(pod("Running"), events=(refused("exceeded quota: a"),)).blocker is None


def test_a_failing_step_ends_the_attempt_and_a_waiting_one_does_not():
    broken = outcome(pod("Failed", ended("work", 1, FAILURE)))
    assert (broken.failure.reason, broken.ended) == ("QualityFailed", broken.failure.at)
    waits = outcome(pod("Pending", waiting("prepare", "ErrImagePull")))
    assert (waits.blocker.reason, waits.failure, waits.ended) == ("ImageUnavailable", None, None)
