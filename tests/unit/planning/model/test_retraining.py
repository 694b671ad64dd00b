"""Retraining: by schedule and by new data, within limits; a Model that serves stays Ready."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from builders import dataset
from builders.job import NOON
from builders.model import at_least, data, observed, spec, trained, version
from builders.model_version import evaluation
from perennial.api.model import ModelStatus
from perennial.api.model_version import Measure
from perennial.api.retraining import Retraining, RetrainingRecord, RetrainingStatus, Trigger
from perennial.planning.model.inputs import TrainingRequest
from perennial.planning.model.plan import plan
from perennial.planning.plan import Create

MONTHLY = Retraining(every="30d", cooldown="1h")
ON_NEW_DATA = Retraining(new_data="Train", cooldown="1h")
OLD = NOON - timedelta(days=31)


def model(rules=MONTHLY, **fields):
    return spec(**fields).model_copy(update={"retraining": rules})


def snapshot(digit, taken_at):
    given = dataset.spec(time_column="time_hour")
    taken = dataset.snapshot(given, digit=digit).model_copy(update={"taken_at": taken_at})
    return data(given, snapshot=taken)


def served(rules=MONTHLY, made_at=OLD, digit="a", taken_at=OLD, **fields):
    """A Model with one version, and a snapshot."""
    of = model(rules, **fields)
    made = replace(version(of, data()), created_at=made_at)
    return observed(of, snapshot(digit, taken_at), versions=(made,))


def looked(before, **changes):
    """Return what is observed after the plan was recorded."""
    return replace(before, status=plan(before).status, **changes)


def state(of):
    retraining = plan(of).status.retraining
    return retraining.state if retraining else None


def says(of):
    return {each.type: (each.status, each.reason) for each in plan(of).status.conditions}


def jobs(of):
    return [
        action.manifest
        for action in plan(of).actions
        if isinstance(action, Create) and action.manifest["kind"] == "Job"
    ]


# What triggers it


def test_a_schedule_triggers_after_its_time():
    assert state(served()) == "Waiting"
    assert plan(served()).status.retraining.trigger.kind == "Schedule"
    assert state(served(made_at=NOON - timedelta(days=29))) is None


def test_until_then_the_model_is_looked_at_again_when_it_is_due():
    young = served(made_at=NOON - timedelta(days=29))
    assert plan(young).requeue_after == timedelta(days=1)


def test_without_rules_nothing_is_retrained():
    assert state(served(Retraining())) is None


def test_other_rows_trigger_where_the_rules_say_so():
    newer = served(ON_NEW_DATA, digit="b", taken_at=NOON - timedelta(minutes=1))
    assert plan(newer).status.retraining.trigger.kind == "NewData"
    same = served(ON_NEW_DATA, digit="a", taken_at=NOON - timedelta(minutes=1))
    assert state(same) is None
    assert state(served(digit="b", taken_at=NOON, rules=Retraining())) is None


# What holds it back


def test_a_suspended_retraining_is_held():
    held = served(Retraining(new_data="Train", suspend=True), digit="b", taken_at=NOON)
    assert state(held) == "Held"
    assert "suspend" in plan(held).status.retraining.message


def test_a_cooldown_holds_until_it_ends():
    rules = Retraining(new_data="Train", cooldown="24h")
    made_at = NOON - timedelta(hours=20)
    held = served(rules, made_at=made_at, digit="b", taken_at=NOON - timedelta(hours=1))
    found = plan(held)
    assert found.status.retraining.state == "Held"
    assert found.status.retraining.until == NOON + timedelta(hours=4)
    assert found.requeue_after == timedelta(hours=4)
    assert state(looked(held, now=NOON + timedelta(hours=5))) == "Waiting"


def test_the_number_in_a_month_is_limited():
    rules = Retraining(every="1d", cooldown="1h", per_month=2)
    records = tuple(
        RetrainingRecord(at=NOON - timedelta(days=ago), kind="Schedule", outcome="Done")
        for ago in (2, 3)
    )
    noon = datetime(2026, 3, 20, 12, tzinfo=UTC)
    shifted = tuple(each.model_copy(update={"at": noon - (NOON - each.at)}) for each in records)
    busy = replace(served(rules), status=ModelStatus(retrainings=shifted), now=noon)
    held = plan(busy).status.retraining
    assert (held.state, held.until) == ("Held", datetime(2026, 4, 1, tzinfo=UTC))
    in_april = replace(busy, now=datetime(2026, 4, 1, 0, 1, tzinfo=UTC))
    assert state(in_april) == "Waiting"


def test_what_brought_nothing_new_does_not_count():
    rules = Retraining(every="1d", cooldown="1h", per_month=1)
    nothing = RetrainingRecord(
        at=NOON - timedelta(days=2), kind="Schedule", outcome="NothingNewToLearn"
    )
    assert state(replace(served(rules), status=ModelStatus(retrainings=(nothing,)))) == "Waiting"


# How it goes on


def waiting(digit="b", taken_at=NOON, **fields):
    return looked(served(**fields), data=snapshot(digit, taken_at))


def training(digit="b", **fields):
    return looked(waiting(digit, **fields))


def test_the_record_comes_before_the_effect():
    assert not jobs(served())
    assert state(waiting()) == "Training"
    assert not jobs(waiting())
    assert len(jobs(training())) == 1


def test_an_older_snapshot_is_not_learned_from():
    assert state(waiting(taken_at=NOON - timedelta(minutes=1))) == "Waiting"


def test_equal_rows_are_nothing_new_to_learn():
    ended = waiting(digit="a")
    assert state(ended) == "NothingNewToLearn"
    after = looked(ended)
    assert after.status.retrainings[0].outcome == "NothingNewToLearn"
    assert state(after) == "NothingNewToLearn"
    assert plan(after).status.retrainings == after.status.retrainings


def test_the_model_stays_ready_all_through_it():
    for each in (served(), waiting(), training()):
        assert says(each)["Ready"] == ("True", "VersionReady")
        assert "Reconciling" not in says(each)


def retrained(**fields):
    """Return the Model before and after its Job reported, and what the Job learned from."""
    before = training(**fields)
    (job,) = jobs(before)
    request = TrainingRequest.model_validate_json(job["metadata"]["annotations"][ORDER])
    finished = replace(before, attempts=(trained(request),))
    return before, request, finished


ORDER = "perennial.dev/order"


def test_the_version_of_a_retraining_states_its_trigger():
    _, request, finished = retrained()
    (made,) = [
        action.manifest
        for action in plan(finished).actions
        if isinstance(action, Create) and action.manifest["kind"] == "ModelVersion"
    ]
    assert made["spec"]["number"] == 2
    assert made["spec"]["trigger"]["kind"] == "Schedule"
    assert request.trigger is not None


def with_version(finished, request, **facts):
    made = version(finished.spec, finished.data, number=2, **facts)
    triggered = made.spec.model_copy(update={"trigger": request.trigger})
    newer = replace(made, spec=triggered, created_at=NOON)
    return replace(finished, versions=(*finished.versions, newer), attempts=())


def test_a_version_with_the_trigger_ends_the_retraining():
    _, request, finished = retrained()
    done = with_version(finished, request)
    found = plan(done).status
    assert found.retraining.state == "Done"
    assert found.retrainings[0].version == done.versions[1].name
    assert found.current_version == done.versions[1].name
    assert state(looked(done)) == "Done"


def test_a_retrained_version_that_fails_leaves_the_one_before_current():
    _, request, finished = retrained(limits=(at_least("0.73"),))
    poor = evaluation(roc_auc=Measure(value="0.61", low="0.60", high="0.62"))
    failed = with_version(finished, request, measured=poor)
    assert not failed.versions[1].is_ready
    assert plan(failed).status.current_version == failed.versions[0].name
    assert says(failed)["Ready"] == ("True", "VersionReady")
    assert says(failed)["Degraded"] == ("True", "GateFailed")
    assert state(failed) == "Done"


def test_a_finished_job_of_older_rows_does_not_answer_for_it():
    before = training()
    older = trained()
    assert len(jobs(replace(before, attempts=(older,)))) == 1


def test_a_lost_status_begins_no_second_training():
    _, request, finished = retrained()
    done = replace(with_version(finished, request), status=ModelStatus())
    assert state(done) is None
    assert not jobs(done)


def test_status_types_are_read_back():
    trigger = Trigger(kind="NewData", reason="rows", at=NOON)
    status = RetrainingStatus(trigger=trigger, state="Held", until=NOON, message="later")
    assert RetrainingStatus.model_validate_json(status.model_dump_json(by_alias=True)) == status
