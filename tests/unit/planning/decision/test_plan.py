from dataclasses import replace
from datetime import timedelta

import pytest

from builders.decision import decision, observed, record
from builders.job import NOON
from perennial.api.decision import DecisionStatus
from perennial.planning.decision.plan import GRACE, plan

NEW = decision(status=DecisionStatus())


def says(of):
    return {each.type: (each.status, each.reason) for each in plan(of).status.conditions}


def message(of):
    return next(each.message for each in plan(of).status.conditions if each.type == "Ready")


def announced(of):
    return [(action.type, action.reason) for action in plan(of).actions]


REFUSED = {
    "no subject": (observed(NEW, subject=None, is_missing=True), "SubjectNotFound"),
    "an older subject": (observed(NEW, made_at=NOON + timedelta(seconds=1)), "SubjectReplaced"),
    "no policies": (observed(NEW, is_enforced=False), "PoliciesMissing"),
    "its time is over": (
        observed(decision(expires_after=60), now=NOON + timedelta(seconds=60) + GRACE),
        "Expired",
    ),
    "the subject refuses": (
        observed(decision(), record(decision(), "Refused", "churn rolls out nothing")),
        "Refused",
    ),
}
every_refusal = pytest.mark.parametrize("what", REFUSED)


def test_a_decision_that_was_checked_at_admission_waits_for_its_subject():
    waiting = observed(NEW, is_enforced=True)
    assert says(waiting) == {
        "Ready": ("False", "Pending"),
        "Reconciling": ("True", "Pending"),
        "Admitted": ("True", "PoliciesEnforced"),
    }
    assert message(waiting) == "waits for ModelDeployment churn to be reconciled"
    assert plan(waiting).status.outcome is None
    assert announced(waiting) == []


def test_it_is_not_admitted_before_the_policies_were_looked_up():
    assert "Admitted" not in says(observed(NEW, subject=None))


def test_the_first_look_at_the_policies_holds():
    for enforced in (None, False):
        assert says(observed(decision(), is_enforced=enforced))["Admitted"][0] == "True"
        assert says(observed(decision(), is_enforced=enforced))["Ready"][1] == "Pending"


def test_what_the_subject_recorded_is_copied():
    acted = observed(decision(), record(decision(), message="all traffic moves", after=3))
    status = plan(acted).status
    assert (status.outcome, status.at, status.message) == (
        *("Applied", NOON + timedelta(seconds=3), "all traffic moves"),
    )
    assert says(acted)["Ready"] == ("True", "Applied")
    assert announced(acted) == [("Normal", "Applied")]


def test_the_record_of_another_decision_is_not_its_own():
    other = observed(decision(), record(decision("Abort")))
    assert plan(other).status.outcome is None


@every_refusal
def test_a_refusal_has_its_reason_and_a_remedy(what):
    refused, reason = REFUSED[what]
    assert plan(refused).status.outcome == "Refused"
    assert says(refused)["Stalled"] == ("True", reason)
    assert says(refused)["Ready"] == ("False", reason)
    assert message(refused) == plan(refused).status.message
    assert announced(refused) == [("Warning", reason)]


@every_refusal
def test_a_refusal_is_final_whatever_happens_later(what):
    refused, _ = REFUSED[what]
    first = plan(refused).status
    later = replace(observed(replace(refused.decision, status=first)), now=NOON + timedelta(days=1))
    assert plan(later).status == first
    assert plan(later).actions == ()


def test_what_was_applied_stays_applied_without_its_subject():
    applied = plan(observed(decision(), record(decision()))).status
    orphan = observed(decision(status=applied), subject=None, is_missing=True)
    assert plan(orphan).status == applied
    assert plan(orphan).actions == ()


def test_a_record_wins_over_the_expiry():
    late = decision(expires_after=60)
    acted = observed(late, record(late, after=59), now=NOON + timedelta(days=1))
    assert plan(acted).status.outcome == "Applied"


def test_a_decision_that_expires_is_looked_at_again_then():
    waiting = observed(decision(expires_after=60), now=NOON)
    assert plan(waiting).requeue_after == timedelta(seconds=60) + GRACE
    assert plan(observed(decision())).requeue_after is None


def test_the_time_of_expiry_is_shown_in_utc():
    refused, _ = REFUSED["its time is over"]
    assert "2026-03-01T12:01:00Z" in message(refused)


def test_without_policies_the_message_names_the_value_of_the_chart():
    assert "decisions.policies: true" in message(REFUSED["no policies"][0])
