import pytest

from builders import rollout_moments as moments
from builders.model_deployment import (
    CRASH,
    acted,
    later,
    revision,
    serving,
    version,
    with_pods,
    with_version,
)
from builders.rollout_moments import manifest
from perennial.cli.progress import position, standing
from perennial.cli.read import parsed

OLD, NEW = "flight-delay-v1 (6d203801e7)", "flight-delay-v2 (f448f3f2c5)"
IN_STEP = f"{NEW} has 25 % of the traffic, step 1 of 3, Analyzing"


@pytest.mark.parametrize(
    ("moment", "state", "message"),
    [
        (moments.unseen, "InProgress", "waiting for the operator to read the new spec"),
        (moments.settled, "Done", f"{OLD} has all traffic"),
        (moments.promoted, "Done", f"{NEW} has all traffic"),
        (
            moments.analyzing,
            "InProgress",
            f"{IN_STEP}, gates: errors Inconclusive, predictions TooFewSamples",
        ),
        (
            moments.arrived,
            "InProgress",
            f"{IN_STEP}, gates: errors Inconclusive, predictions TooFewSamples",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_rollout_that_needs_no_help(moment, state, message):
    assert standing(parsed(manifest(moment()))) == (state, message)


@pytest.mark.parametrize("reason", ["Paused", "GateFailed", "Inconclusive"])
def test_a_rollout_that_waits_for_a_person_says_why(reason):
    state, message = standing(parsed(manifest(moments.held(reason))))
    assert state == "InProgress"
    assert message.startswith(f"{IN_STEP}: {reason}")


def test_a_rejected_revision_has_failed_whoever_asked_for_it():
    by_itself = with_version(moments.judged(), version(2))
    for before in (moments.pinned(moments.judged()), by_itself):
        state, message = standing(parsed(manifest(moments.rejected(before))))
        assert state == "Failed"
        assert message.startswith("KnownBad: revision f448f3f2c5 of flight-delay-v2 was rejected")


def test_a_rollout_past_its_deadline_has_failed_for_the_one_who_waits():
    begun = acted(with_version(serving(), version(2)))
    crashing = acted(with_pods(acted(begun), revision(2), 0, CRASH))
    state, message = standing(parsed(manifest(acted(later(crashing, minutes=11)))))
    assert state == "Failed"
    assert message.startswith("ProgressDeadlineExceeded: ")


def test_one_that_was_edited_is_in_progress_whatever_its_status_says():
    edited = manifest(moments.settled())
    edited["metadata"]["generation"] += 1
    assert standing(parsed(edited)).state == "InProgress"


def test_one_that_is_being_deleted_has_failed():
    deleted = manifest(moments.settled())
    deleted["metadata"]["deletionTimestamp"] = "2026-03-01T12:00:00Z"
    assert standing(parsed(deleted)) == ("Failed", "flight-delay is being deleted")


@pytest.mark.parametrize(("holdback", "share"), [(0, "all traffic"), (5, "95 % of the traffic")])
def test_a_watched_revision_is_done(holdback, share):
    state, message = standing(parsed(manifest(moments.watching(holdback))))
    assert state == "Done"
    assert message.startswith(f"{NEW} has {share}; ")
    assert "flight-delay-v1 stays ready to return until 2026-03-01T14:00:00Z" in message


def test_the_last_step_moves_all_traffic():
    rollout = parsed(manifest(moments.analyzing())).status.rollout
    assert position(rollout.model_copy(update={"step": 3})) == "step 3 of 3"
    assert position(rollout.model_copy(update={"step": 11})) == "step 3 of 3"
