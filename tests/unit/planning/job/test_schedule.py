from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from builders.job import CONFIGURATION, NOON, attempt, failed, held, job_template, limited
from perennial.api.configuration import Configuration, Images, Pauses
from perennial.api.pod import JobRun
from perennial.planning.job.manifest import settings_digest, template_digest
from perennial.planning.job.schedule import Work, WorkState, next_step, pause_after
from perennial.planning.plan import Create, Delete


@dataclass(frozen=True)
class Here:
    namespace: str = "delays"
    configuration: Configuration = CONFIGURATION
    free_slots: int = 1
    now: datetime = NOON


def after(seconds):
    return Here(now=NOON + timedelta(seconds=seconds))


def work(*attempts, of=None):
    return Work(
        template=of or job_template(),
        attempts=attempts,
        name=lambda attempt: f"flights-snapshot-abc-{attempt}",
        reason="FirstSnapshot",
        doing="is taking a snapshot",
    )


def same(of=None):
    """The marks of a Job that was built as it would be built now."""
    wanted = of or job_template()
    return {
        "settings": settings_digest(wanted.run),
        "template": template_digest(wanted, CONFIGURATION),
    }


def replace_images(training):
    images = Images(training=training, server="server:1", server_sklearn="sklearn:1")
    return CONFIGURATION.model_copy(update={"images": images})


def jobs(result):
    return [
        action.manifest["metadata"]["name"]
        for action in result.actions
        if isinstance(action, Create)
    ]


def test_work_that_nobody_attempted_begins():
    result = next_step(work(), Here())
    assert jobs(result) == ["flights-snapshot-abc-1"]
    assert (result.state, result.reason, result.begun) == (
        WorkState.UNDER_WAY,
        "FirstSnapshot",
        1,
    )


def test_a_job_at_work_is_left_alone():
    result = next_step(work(attempt()), Here())
    assert (result.state, result.actions, result.requeue_after) == (WorkState.UNDER_WAY, (), None)
    assert result.message == "Job flights-snapshot-abc-1 is taking a snapshot"


def test_a_job_without_a_pod_is_looked_at_again_because_no_watch_tells_why():
    assert next_step(work(attempt(has_pod=False)), Here()).requeue_after == timedelta(seconds=5)


def test_a_full_namespace_makes_work_wait_a_moment_and_says_for_what():
    result = next_step(work(), replace(Here(), free_slots=0))
    assert (result.reason, result.actions) == ("Queued", ())
    assert "one of the 2 Jobs" in result.message
    assert timedelta(seconds=2) <= result.requeue_after <= timedelta(seconds=5)


def test_a_failed_attempt_is_tried_again_after_a_pause_as_the_next_one():
    at_once = next_step(work(failed(**same())), after(1))
    assert (jobs(at_once), at_once.state) == ([], WorkState.FAILING)
    assert at_once.message == "the store is away; trying again at 2026-03-01T12:00:30Z"
    assert at_once.requeue_after == timedelta(seconds=29)
    assert jobs(next_step(work(failed(**same())), after(30))) == ["flights-snapshot-abc-2"]


def test_the_next_attempt_waits_until_the_job_controller_is_done_with_the_last_one():
    going = failed(over=False, **same())
    result = next_step(work(going), after(600))
    assert jobs(result) == []
    assert result.requeue_after == timedelta(seconds=5)


def test_the_pause_doubles_up_to_a_limit():
    pauses = Pauses(first_retry="30s", longest_retry="5m")
    seconds = [pause_after(attempt, pauses).total_seconds() for attempt in (1, 2, 3, 4, 5, 1000)]
    assert seconds == [30, 60, 120, 240, 300, 300]


def test_the_attempt_after_a_failure_still_says_what_the_last_one_failed_of():
    result = next_step(work(failed(1), attempt(2)), Here())
    assert (result.state, result.reason) == (WorkState.FAILING, "StoreUnavailable")
    assert result.message == "the store is away; Job flights-snapshot-abc-2 is trying again"


def test_a_mistake_in_the_spec_is_not_tried_again():
    result = next_step(work(failed(in_spec=True, **same())), after(10**6))
    assert (result.state, jobs(result), result.requeue_after) == (WorkState.STUCK, [], None)
    assert result.message == "the store is away"


def test_more_memory_is_tried_at_once():
    stuck = failed(in_spec=True, reason="OutOfMemory", **same())
    more = work(stuck, of=job_template(limited("2Gi")))
    assert jobs(next_step(more, after(1))) == ["flights-snapshot-abc-2"]


def test_a_new_image_does_not_repeat_a_mistake_of_the_spec():
    here = replace(after(1), configuration=replace_images("job:2"))
    assert jobs(next_step(work(failed(in_spec=True, **same())), here)) == []


def test_a_new_image_is_tried_at_once_after_a_failure_outside_the_spec():
    here = replace(after(1), configuration=replace_images("job:2"))
    assert jobs(next_step(work(failed(**same())), here)) == ["flights-snapshot-abc-2"]


def test_a_blocked_job_waits_for_the_cause_to_go():
    result = next_step(work(held(**same())), after(600))
    assert (result.state, result.reason) == (WorkState.FAILING, "ImageUnavailable")
    assert (result.actions, result.requeue_after) == ((), timedelta(seconds=3030))


def test_a_blocked_job_leaves_its_slot_to_others_when_its_deadline_has_passed():
    stuck = work(held("VolumeNotFound", **same(job_template(JobRun(deadline="1m")))))
    stuck = replace(stuck, template=job_template(JobRun(deadline="1m")))
    assert next_step(stuck, after(89)).actions == ()
    given_up = next_step(stuck, after(90))
    assert given_up.actions == (Delete("Job", "flights-snapshot-abc-1", "job-1"),)
    assert (given_up.state, given_up.reason) == (WorkState.FAILING, "VolumeNotFound")
    assert given_up.requeue_after == timedelta(seconds=2)


def test_a_blocked_job_is_replaced_as_soon_as_it_would_be_built_otherwise():
    here = replace(after(1), configuration=replace_images("job:2"), free_slots=0)
    result = next_step(work(held(**same())), here)
    assert result.actions[0] == Delete("Job", "flights-snapshot-abc-1", "job-1")
    assert jobs(result) == ["flights-snapshot-abc-2"]


def test_a_job_that_no_pod_can_be_made_for_is_replaced_after_the_pause():
    refused = held("QuotaExceeded", has_pod=False, **same())
    waits = next_step(work(refused), after(28))
    assert (waits.reason, waits.actions) == ("QuotaExceeded", ())
    assert waits.requeue_after == timedelta(seconds=2)
    replaced = next_step(work(refused), after(30))
    assert replaced.actions[0] == Delete("Job", "flights-snapshot-abc-1", "job-1")
    assert jobs(replaced) == ["flights-snapshot-abc-2"]


def test_a_cluster_has_a_moment_to_find_a_node():
    pending = work(held("Unschedulable", **same()))
    early, late = next_step(pending, after(5)), next_step(pending, after(15))
    assert (early.state, early.reason) == (WorkState.UNDER_WAY, "FirstSnapshot")
    assert early.requeue_after == timedelta(seconds=10)
    assert (late.state, late.reason) == (WorkState.FAILING, "Unschedulable")


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_the_newest_attempt_decides_whatever_the_order(order):
    attempts = {1: failed(1, **same()), 2: attempt(2)}
    assert jobs(next_step(work(*(attempts[each] for each in order)), after(10**6))) == []
