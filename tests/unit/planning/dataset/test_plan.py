from dataclasses import replace
from datetime import timedelta

import pytest

from builders.dataset import (
    FAILED,
    PASSED,
    broken,
    observed,
    report,
    snapshot,
    spec,
    taken,
)
from builders.job import CONFIGURATION, NOON, attempt, held, limited
from perennial.api.dataset import Column, ObjectSource, Source
from perennial.api.gate import Outcome
from perennial.api.tasks import SnapshotTask
from perennial.planning.dataset.plan import plan
from perennial.planning.job.manifest import settings_digest
from perennial.planning.plan import Create, Delete, PostEvent


def jobs(of):
    return [
        action.manifest["metadata"]["name"]
        for action in plan(of).actions
        if isinstance(action, Create)
    ]


def deleted(of):
    return [action.name for action in plan(of).actions if isinstance(action, Delete)]


def announced(of):
    return [action.reason for action in plan(of).actions if isinstance(action, PostEvent)]


def says(of):
    return {
        condition.type: (condition.status, condition.reason)
        for condition in plan(of).status.conditions
    }


def message(of, kind="Ready"):
    return next(each.message for each in plan(of).status.conditions if each.type == kind)


def reason(of):
    stated = says(of)
    return stated.get("Reconciling", stated["Ready"])[1]


def with_attempts(begun, *attempts):
    return replace(begun, attempts=attempts)


def task(of):
    job = next(action.manifest for action in plan(of).actions if isinstance(action, Create))
    annotations = job["spec"]["template"]["metadata"]["annotations"]
    return SnapshotTask.model_validate_json(annotations["perennial.dev/task"])


# When a snapshot is due


def test_a_new_dataset_takes_its_first_snapshot():
    assert reason(observed(spec())) == "FirstSnapshot"
    assert says(observed(spec()))["Reconciling"] == ("True", "FirstSnapshot")
    assert plan(observed(spec())).status.observed_generation == 3


def test_the_same_trigger_always_names_the_same_job():
    later = replace(observed(spec()), now=NOON + timedelta(hours=1))
    assert jobs(observed(spec())) == jobs(later)


def test_a_fresh_snapshot_under_the_same_contract_needs_nothing():
    settled = observed(spec(), newest=snapshot(spec()))
    assert plan(settled).actions == ()
    assert says(settled) == {"Ready": ("True", "SnapshotReady")}
    assert message(settled) == "50000 rows taken 2026-03-01T11:00:00Z"
    assert plan(settled).requeue_after is None


def test_a_changed_contract_takes_a_new_snapshot():
    changed = observed(spec("other/"), newest=snapshot(spec("flights/")))
    assert reason(changed) == "ContractChanged"
    assert len(jobs(changed)) == 1


def test_a_change_back_and_forth_is_another_trigger_each_time():
    there, back = spec("a/"), spec("b/")
    first = observed(back, newest=snapshot(there, hours_ago=3))
    again = observed(back, newest=snapshot(there, hours_ago=1))
    assert jobs(first) != jobs(again)


def test_an_old_snapshot_is_refreshed_and_a_young_one_is_looked_at_again_in_time():
    daily = spec(every="24h")
    assert jobs(observed(daily, newest=snapshot(daily, hours_ago=25)))
    young = observed(daily, newest=snapshot(daily, hours_ago=1))
    assert plan(young).requeue_after == timedelta(hours=23)


def test_editing_what_selects_no_rows_takes_no_snapshot():
    edited = replace(observed(spec(keep=2, description="b"), newest=snapshot(spec())), generation=4)
    assert plan(edited).actions == ()
    assert plan(edited).status.observed_generation == 4


def test_only_a_refresh_is_told_the_last_snapshot_because_a_new_contract_may_change_types():
    daily = spec(every="24h")
    assert task(observed(daily, newest=snapshot(daily, hours_ago=25))).previous.endswith("/a/")
    assert task(observed(spec("other/"), newest=snapshot(spec()))).previous is None


# What a Job reports


def test_a_reported_snapshot_becomes_the_newest_and_is_announced_once():
    begun = observed(spec())
    reported = with_attempts(begun, taken(spec(), jobs(begun)[0]))
    status = plan(reported).status
    assert status.snapshot.digest == "sha256:" + "b" * 64
    assert status.snapshot.taken_at == NOON
    assert status.history == (status.snapshot,)
    assert status.quality == PASSED
    assert says(reported) == {"Ready": ("True", "SnapshotReady")}
    assert announced(reported) == ["SnapshotTaken"]
    recorded = replace(reported, status=status)
    assert plan(recorded).actions == ()
    assert plan(recorded).status == status


def test_the_same_rows_taken_again_are_a_fresh_snapshot_of_equal_digest():
    daily = spec(every="24h")
    begun = observed(daily, newest=snapshot(daily, hours_ago=25))
    again = with_attempts(begun, taken(daily, jobs(begun)[0], digit="a"))
    assert plan(again).status.snapshot.taken_at == NOON
    assert jobs(again) == []


def test_history_keeps_as_many_as_asked_newest_first():
    daily = spec(every="24h", keep=2)
    begun = observed(daily, newest=snapshot(daily, hours_ago=25))
    older = snapshot(daily, hours_ago=49, digit="0")
    begun = replace(
        begun, status=begun.status.model_copy(update={"history": (begun.status.snapshot, older)})
    )
    kept = plan(with_attempts(begun, taken(daily, jobs(begun)[0]))).status.history
    assert [each.digest[-1] for each in kept] == ["b", "a"]


def test_a_smaller_keep_shortens_what_is_remembered():
    newest, older = snapshot(spec()), snapshot(spec(), hours_ago=2, digit="0")
    begun = observed(spec(keep=1), newest=newest)
    status = begun.status.model_copy(update={"history": (newest, older)})
    assert plan(replace(begun, status=status)).status.history == (newest,)


def test_a_recorded_job_is_not_adopted_again_when_history_has_forgotten_it():
    one = spec(keep=1)
    newest = snapshot(one, hours_ago=1)
    old = taken(one, "flights-snapshot-old-1", minutes_ago=90)
    settled = replace(observed(one, newest=newest), attempts=(old,))
    assert plan(settled).status.snapshot == newest


def test_a_report_under_a_contract_that_is_no_longer_asked_for_is_not_adopted():
    begun = observed(spec("b/"), newest=snapshot(spec("a/")))
    late = with_attempts(begun, taken(spec("c/"), "flights-snapshot-c-1"))
    assert plan(late).status.snapshot == snapshot(spec("a/"))
    assert len(jobs(late)) == 1


def test_warnings_of_a_good_snapshot_are_mentioned():
    begun = observed(spec())
    warned = PASSED.model_copy(update={"outcome": Outcome.WARNED})
    reported = with_attempts(begun, taken(spec(), jobs(begun)[0], says=report(quality=warned)))
    assert "some checks warn: see status.quality" in message(reported)


# Failures


def test_a_mistake_in_the_spec_stalls_until_the_spec_changes():
    begun = observed(spec("other/"), newest=snapshot(spec()))
    settings = settings_digest(begun.spec.job)
    stuck = with_attempts(
        begun, broken(begun.spec, jobs(begun)[0], in_spec=True, settings=settings)
    )
    assert says(stuck)["Stalled"] == ("True", "QualityFailed")
    assert "Reconciling" not in says(stuck)
    assert plan(stuck).status.snapshot == snapshot(spec())
    assert plan(stuck).requeue_after is None
    assert announced(stuck) == ["QualityFailed"]


def test_more_memory_for_the_job_is_tried_at_once():
    of = spec(job=limited("1Gi"))
    begun = observed(of)
    killed = broken(of, jobs(begun)[0], reason="OutOfMemory", in_spec=True)
    assert jobs(with_attempts(begun, killed)) == [jobs(begun)[0].removesuffix("1") + "2"]


def test_a_cause_outside_the_spec_is_tried_again_after_a_pause_as_the_next_attempt():
    begun = observed(spec())
    name = jobs(begun)[0]
    template = plan(begun).actions[0].manifest["metadata"]["annotations"]["perennial.dev/template"]
    fresh = with_attempts(begun, broken(spec(), name, template=template))
    assert jobs(fresh) == []
    assert plan(fresh).requeue_after == timedelta(seconds=30)
    assert says(fresh)["Reconciling"] == ("True", "QualityFailed")
    assert message(fresh).endswith("limit 0.05; trying again at 2026-03-01T12:00:30Z")
    old = with_attempts(begun, broken(spec(), name, minutes_ago=1, template=template))
    assert jobs(old) == [name.removesuffix("1") + "2"]


def test_a_failed_check_is_shown_with_its_numbers_beside_the_last_good_snapshot():
    begun = observed(spec("other/"), newest=snapshot(spec()))
    failing = with_attempts(begun, broken(begun.spec, jobs(begun)[0], quality=FAILED))
    status = plan(failing).status
    assert status.quality == FAILED
    assert status.snapshot == snapshot(spec())


def test_a_failure_that_judged_nothing_leaves_the_last_judgement():
    begun = observed(spec())
    before = begun.status.model_copy(update={"quality": FAILED})
    away = broken(spec(), jobs(begun)[0], reason="StoreUnavailable")
    assert plan(replace(begun, status=before, attempts=(away,))).status.quality == FAILED


def test_a_blocker_is_told_while_the_job_waits_and_forgotten_when_it_goes_on():
    begun = observed(spec())
    template = plan(begun).actions[0].manifest["metadata"]["annotations"]["perennial.dev/template"]
    waits = replace(held(name=jobs(begun)[0], request=begun.contract), template=template)
    assert says(with_attempts(begun, waits))["Reconciling"] == ("True", "ImageUnavailable")
    goes = with_attempts(begun, replace(waits, blocker=None))
    assert says(goes)["Reconciling"] == ("True", "FirstSnapshot")


# What nobody's spec asked for


def test_a_refresh_under_way_leaves_the_last_snapshot_ready():
    begun = observed(spec(every="24h"), newest=snapshot(spec(), hours_ago=25))
    assert jobs(begun)
    assert says(begun) == {"Ready": ("True", "SnapshotReady")}


@pytest.mark.parametrize("in_spec", [True, False])
def test_a_failed_refresh_degrades_and_leaves_the_last_snapshot_ready(in_spec):
    begun = observed(spec(every="24h"), newest=snapshot(spec(), hours_ago=25))
    settings = settings_digest(begun.spec.job)
    failing = with_attempts(
        begun, broken(begun.spec, jobs(begun)[0], in_spec=in_spec, settings=settings)
    )
    assert says(failing) == {
        "Ready": ("True", "SnapshotReady"),
        "Degraded": ("True", "QualityFailed"),
    }


def test_a_refresh_that_succeeds_after_failing_is_no_longer_degraded():
    daily = spec(every="24h")
    begun = observed(daily, newest=snapshot(daily, hours_ago=25))
    name = jobs(begun)[0]
    again = taken(daily, name.removesuffix("1") + "2", number=2)
    assert says(with_attempts(begun, broken(daily, name, 5), again)) == {
        "Ready": ("True", "SnapshotReady")
    }


# Jobs that are no longer needed


def test_a_job_under_an_old_contract_is_stopped_when_the_contract_changes():
    first = observed(spec("a/"))
    running = attempt(name=jobs(first)[0], request=first.contract)
    changed = replace(observed(spec("b/")), attempts=(running,))
    assert deleted(changed) == [running.name]
    assert len(jobs(changed)) == 1


def test_a_recorded_job_goes_after_a_while():
    settled = observed(spec(), newest=snapshot(spec(), hours_ago=0.5))
    done = taken(spec(), "flights-snapshot-abc-1", minutes_ago=30)
    assert deleted(with_attempts(settled, done)) == []
    assert plan(with_attempts(settled, done)).requeue_after == timedelta(minutes=30)
    old = replace(done, ended=NOON - timedelta(hours=1))
    assert deleted(with_attempts(settled, old)) == ["flights-snapshot-abc-1"]


# What cannot begin


def test_an_unknown_store_stalls_and_the_message_lists_the_stores():
    lost = observed(spec(source=Source(object=ObjectSource(store="archive", path="a/"))))
    assert says(lost)["Stalled"] == ("True", "StoreNotFound")
    assert "available are: default" in message(lost)
    assert jobs(lost) == []


def test_a_store_that_is_taken_away_stops_no_job():
    running = attempt(name="flights-snapshot-abc-1")
    lost = observed(spec(source=Source(object=ObjectSource(store="archive", path="a/"))))
    assert deleted(with_attempts(lost, running)) == []


def test_a_full_namespace_queues():
    full = observed(spec(), free_slots=0)
    assert reason(full) == "Queued"
    assert jobs(full) == []
    assert timedelta(seconds=2) <= plan(full).requeue_after <= timedelta(seconds=5)


def test_a_refresh_that_queues_leaves_ready_what_is():
    daily = spec(every="24h")
    full = observed(daily, newest=snapshot(daily, hours_ago=25), free_slots=0)
    assert says(full) == {"Ready": ("True", "SnapshotReady")}


def test_a_contract_that_no_job_can_be_told_stalls():
    words_of = tuple(f"{number:0250d}" for number in range(512))
    columns = tuple(
        Column(name=f"c{number}", type="Category", allowed_values=words_of) for number in range(2)
    )
    huge = observed(spec(columns=columns))
    assert says(huge)["Stalled"] == ("True", "InvalidSpec")
    assert "declare fewer columns" in message(huge)


def test_the_operators_image_is_part_of_no_trigger():
    newer = CONFIGURATION.model_copy(
        update={"images": CONFIGURATION.images.model_copy(update={"training": "job:2"})}
    )
    assert jobs(observed(spec(), configuration=newer)) == jobs(observed(spec()))
    settled = observed(spec(), newest=snapshot(spec()), configuration=newer)
    assert plan(settled).actions == ()
