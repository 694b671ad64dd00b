from datetime import UTC, datetime, timedelta

from perennial.api.conditions import (
    LONGEST_MESSAGE,
    ConditionType,
    Finding,
    degraded,
    merge,
    ready,
    reconciling,
    stalled,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
FINE = ready("SnapshotReady", "51955 rows")


def statuses(findings):
    return {kind: finding.status for kind, finding in findings.items()}


def test_work_under_way_is_not_stuck_and_stuck_is_not_under_way():
    assert statuses(FINE) == {"Ready": "True"}
    assert statuses(reconciling("Training", "")) == {"Ready": "False", "Reconciling": "True"}
    assert statuses(stalled("InvalidSpec", "")) == {"Ready": "False", "Stalled": "True"}


def test_what_is_degraded_stays_ready():
    findings = degraded(FINE, "QualityFailed", "too few rows")
    assert statuses(findings) == {"Ready": "True", "Degraded": "True"}


def test_conditions_are_in_order_and_speak_of_the_generation():
    merged = merge((), stalled("InvalidSpec", "change it"), 4, NOON)
    assert [condition.type for condition in merged] == ["Ready", "Stalled"]
    assert {condition.observed_generation for condition in merged} == {4}


def test_a_transition_time_moves_only_when_the_status_does():
    before = merge((), FINE, 1, NOON)
    (same,) = merge(before, ready("SnapshotTaken", "more rows"), 2, LATER)
    assert same.last_transition_time == NOON
    assert same.reason == "SnapshotTaken"
    other = merge(before, reconciling("FirstSnapshot", ""), 2, LATER)
    assert {condition.last_transition_time for condition in other} == {LATER}


def test_a_condition_that_no_longer_holds_is_gone():
    stuck = merge((), stalled("InvalidSpec", ""), 1, NOON)
    (only,) = merge(stuck, FINE, 2, LATER)
    assert only.type == ConditionType.READY


def test_times_are_whole_seconds_as_the_api_server_keeps_them():
    (condition,) = merge((), FINE, 1, NOON.replace(microsecond=250_000))
    assert condition.last_transition_time == NOON


def test_a_message_is_cut_to_what_the_schema_allows():
    finding = Finding("False", "FitFailed", "x" * (LONGEST_MESSAGE + 1))
    (condition,) = merge((), {ConditionType.READY: finding}, 1, NOON)
    assert len(condition.message) == LONGEST_MESSAGE
