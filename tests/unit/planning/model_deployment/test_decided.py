from datetime import timedelta

import pytest

from builders.decision import ALICE, CANDIDATE, REJECTED, STABLE, admitted, decision, record
from builders.job import NOON
from perennial.api.decision import DecisionStatus
from perennial.api.model_deployment import ModelDeploymentStatus, RevisionStatus
from perennial.api.rollout_status import RejectedRevision
from perennial.planning.model_deployment.decided import RECORDED, Subject, applied, due, recorded

BOB = "bob@example.com"
VERDICTS = ("Promote", "Abort", "Pause", "Resume", "Retry", "Override", "Rollback")


def churn(*records, **fields):
    """A ModelDeployment in mid-rollout, with one revision that it rejected before."""
    roles = {
        "stable": STABLE,
        "candidate": CANDIDATE,
        "rejected": (REJECTED,),
        "kept": ("churn-1",),
    }
    born = NOON - timedelta(days=1)
    return Subject(**{"name": "churn", "created_at": born, "records": records, **roles, **fields})


def role(revision):
    return RevisionStatus(version="churn-1", revision=revision, replicas=1, ready=1, since=NOON)


def acting(*decisions, of=None, now=NOON):
    return due(decisions, of or churn(), now).acting


def refusals(*decisions, of=None, now=NOON):
    return {each.name: each.message for each in due(decisions, of or churn(), now).refusals}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_decision_about_what_is_there_acts(verdict):
    of = decision(verdict)
    assert due([of], churn(), NOON).acting == of
    assert refusals(of) == {}


def test_without_decisions_nothing_is_due():
    assert acting() is None


def test_a_subject_is_read_from_its_status():
    done = record(decision())
    bad = RejectedRevision(
        version="churn-0", revision=REJECTED, at=NOON, reason="GateFailed", message="errors"
    )
    status = ModelDeploymentStatus(
        stable=role(STABLE), candidate=role(CANDIDATE), rejected=(bad,), decisions=(done,)
    )
    born = NOON - timedelta(days=1)
    assert Subject.of("churn", born, status, ["churn-1"]) == churn(done)
    fresh = Subject.of("churn", born, ModelDeploymentStatus(), [])
    assert fresh == Subject("churn", born, ())


# Decisions that are no longer, or not yet, of any concern


@pytest.mark.parametrize(
    "of",
    [
        decision(after=-2 * 86400),
        decision(expires_after=0),
        decision(status=DecisionStatus()),
        decision(status=admitted(truth="False")),
        decision(status=DecisionStatus(outcome="Refused")),
    ],
    ids=["older than the subject", "expired", "not looked at yet", "not admitted", "settled"],
)
def test_it_neither_acts_nor_is_refused(of):
    assert acting(of) is None
    assert refusals(of) == {}


def test_it_acts_until_the_moment_it_expires():
    of = decision(expires_after=60)
    assert acting(of, now=NOON + timedelta(seconds=59)) == of


def test_it_may_be_as_old_as_its_subject():
    of = decision()
    assert acting(of, of=churn(created_at=NOON)) == of


def test_it_acts_once():
    of = decision()
    assert acting(of, of=churn(record(of))) is None
    assert refusals(of, of=churn(record(of, "Refused"))) == {}


# Decisions about something that was replaced


@pytest.mark.parametrize(
    ("of", "subject", "message"),
    [
        (
            decision("Promote", revision="d" * 10),
            churn(),
            "churn now rolls out bbbbbbbbbb, not dddddddddd",
        ),
        (decision("Abort"), churn(candidate=None), "churn rolls out nothing, not bbbbbbbbbb"),
        (
            decision("Retry", revision=CANDIDATE),
            churn(rejected=(REJECTED, "d" * 10)),
            "churn has rejected cccccccccc, dddddddddd, not bbbbbbbbbb",
        ),
        (
            decision("Override"),
            churn(rejected=()),
            "churn has rejected no revision, not cccccccccc",
        ),
        (
            decision("Rollback", revision=CANDIDATE),
            churn(),
            "churn now serves aaaaaaaaaa, not bbbbbbbbbb",
        ),
        (decision("Rollback"), churn(stable=None), "churn serves no revision yet, not aaaaaaaaaa"),
        (
            decision("Rollback", to="churn-3"),
            churn(kept=("churn-1", "churn-2")),
            "churn keeps no revision of churn-3: it can return to churn-1, churn-2",
        ),
        (
            decision("Rollback", to="churn-3"),
            churn(kept=()),
            "churn keeps no revision of churn-3: it keeps no former revision",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_refused_with_what_is_so(of, subject, message):
    assert acting(of, of=subject) is None
    assert refusals(of, of=subject) == {of.name: message}


def test_a_decision_without_a_revision_is_about_nothing():
    bare = decision()
    subject = bare.spec.subject.model_copy(update={"revision": None})
    spec = bare.spec.model_copy(update={"subject": subject})
    of = decision().__class__("bare", "uid-bare", NOON, spec, admitted())
    assert acting(of, of=churn(candidate=None)) is None
    assert "rolls out nothing" in refusals(of, of=churn(candidate=None))["bare"]


def test_a_refusal_does_not_keep_others_from_acting():
    stale, good = decision("Retry", revision="d" * 10), decision("Pause", after=1)
    assert acting(stale, good) == good
    assert set(refusals(stale, good)) == {"retry"}


# Several at once


def test_they_act_in_order_of_creation():
    first, second = decision("Retry"), decision("Rollback", after=1)
    assert acting(second, first) == first
    assert refusals(second, first) == {}


@pytest.mark.parametrize(
    ("older", "newer"),
    [("Promote", "Abort"), ("Abort", "Promote"), ("Pause", "Resume"), ("Retry", "Override")],
)
def test_the_newest_of_contradicting_ones_wins(older, newer):
    first, second = decision(older, by=ALICE), decision(newer, after=1, by=BOB)
    assert acting(first, second) == second
    assert refusals(first, second) == {
        older.lower(): f"overruled by Decision {newer.lower()} ({newer} by {BOB})"
    }


def test_the_newest_of_three_wins():
    three = [decision(each, after=n) for n, each in enumerate(("Promote", "Pause", "Abort"))]
    assert acting(*three).spec.verdict == "Abort"
    assert set(refusals(*three)) == {"promote", "pause"}


def test_the_more_cautious_one_of_the_same_second_wins():
    assert acting(decision("Abort"), decision("Promote")).spec.verdict == "Abort"
    assert acting(decision("Resume"), decision("Pause")).spec.verdict == "Pause"


def test_two_people_with_one_mind_do_not_contradict_each_other():
    first, second = decision(name="first"), decision(name="second", after=1, by=BOB)
    assert acting(first, second) == first
    assert acting(first, second, of=churn(record(first))) == second


def test_rollbacks_to_different_versions_contradict_each_other():
    kept = churn(kept=("churn-1", "churn-2"))
    first = decision("Rollback", "first", to="churn-1")
    second = decision("Rollback", "second", after=1, to="churn-2")
    assert acting(first, second, of=kept) == second


def test_a_decision_that_cannot_act_overrules_nothing():
    good, stale = decision("Promote"), decision("Rollback", after=1, revision=CANDIDATE)
    assert acting(good, stale) == good
    assert set(refusals(good, stale)) == {"rollback"}


# What is remembered


def many(count, *, settled):
    status = DecisionStatus(outcome="Applied") if settled else admitted()
    return [decision(name=f"d{n:02}", after=n, status=status) for n in range(count)]


def newest_first(decisions):
    return tuple(record(each) for each in reversed(decisions))


def test_the_newest_ten_are_remembered():
    old = many(RECORDED, settled=True)
    new = applied(decision(after=60), "all traffic moves", NOON)
    kept = recorded(newest_first(old), [new], old)
    assert [each.name for each in kept] == ["promote", *(f"d{n:02}" for n in range(9, 0, -1))]


def test_a_record_stays_until_its_decision_has_copied_it():
    oldest, *others = many(RECORDED, settled=True)
    waiting = decision(name="d00")
    new = applied(decision(after=60), "", NOON)
    kept = recorded(newest_first([oldest, *others]), [new], [waiting, *others])
    assert [each.name for each in kept] == [
        "promote",
        *(f"d{n:02}" for n in range(9, 1, -1)),
        "d00",
    ]


def test_the_record_of_a_deleted_decision_may_go():
    kept = recorded(newest_first(many(RECORDED, settled=False)), [record(decision())], [])
    assert kept[-1].name == "d01"


def test_nothing_acts_while_there_is_no_room_to_remember_it():
    uncopied = many(RECORDED, settled=False)
    full = churn(*newest_first(uncopied))
    later = decision("Abort", after=60)
    stale = decision("Retry", after=60, revision="d" * 10)
    assert acting(*uncopied, later, of=full) is None
    assert refusals(*uncopied, stale, of=full) == {}


def test_as_many_are_refused_as_can_be_remembered():
    stale = [decision(name=f"d{n:02}", after=n, revision="d" * 10) for n in range(15)]
    good = decision("Abort", after=60)
    first = due([*stale, good], churn(), NOON)
    assert first.acting == good
    assert [each.name for each in first.refusals] == [f"d{n:02}" for n in range(8, -1, -1)]
    new = [applied(good, "", NOON), *first.refusals]
    assert len(recorded((), new, [*stale, good])) == RECORDED


def test_a_record_tells_who_decided_what_and_when():
    made = applied(decision(by=BOB), "all traffic moves", NOON + timedelta(microseconds=7))
    assert (made.uid, made.name, made.verdict, made.by) == (
        "uid-promote",
        "promote",
        "Promote",
        BOB,
    )
    assert (made.at, made.outcome, made.message) == (NOON, "Applied", "all traffic moves")
