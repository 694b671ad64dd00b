from datetime import timedelta

import pytest
from pydantic import ValidationError

from doubles.operator_parts import NOON, dataset, says
from perennial.api import conditions
from perennial.api.dataset import DatasetSpec
from perennial.cluster.errors import (
    ForbiddenError,
    InvalidError,
    NameTakenError,
    NotFoundError,
    QuotaExceededError,
    SchemaOutdatedError,
)
from perennial.reconcile.errors import explain, field_path, unexpected, with_findings


def mistake(spec):
    with pytest.raises(ValidationError) as caught:
        DatasetSpec.model_validate(spec)
    return caught.value


def reason(findings):
    return {kind: finding.reason for kind, finding in findings.items()}


def test_an_invalid_spec_is_named_with_the_path_of_the_field():
    columns = [{"name": "a", "type": "Number"}, {"name": "b", "type": "Nonsense"}]
    error = mistake({"source": {"object": {"path": "a/"}}, "columns": columns})
    findings = explain(error)
    assert findings["Stalled"].reason == "InvalidSpec"
    assert findings["Stalled"].message.startswith("spec.columns[1].type: Input should be")


def test_every_mistake_is_named():
    message = explain(mistake({"keep": 0, "wrong": 1}))["Stalled"].message
    assert "spec.source: " in message
    assert "spec.keep: " in message
    assert "spec.wrong: " in message


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NameTakenError("Service", "flights"), {"Ready": "NameTaken", "Stalled": "NameTaken"}),
        (InvalidError("spec.x: too long"), {"Ready": "InvalidSpec", "Stalled": "InvalidSpec"}),
        (QuotaExceededError("full"), {"Ready": "QuotaExceeded", "Reconciling": "QuotaExceeded"}),
        (ForbiddenError("no"), {"Ready": "Forbidden", "Reconciling": "Forbidden"}),
    ],
)
def test_each_error_has_its_reason(error, expected):
    assert reason(explain(error)) == expected


def test_an_outdated_crd_has_no_condition():
    assert explain(SchemaOutdatedError("field not declared")) is None
    assert explain(NotFoundError("away")) is None


def test_a_failure_of_the_operator_itself_names_the_class_and_nothing_from_inside():
    findings = unexpected(ValueError("password is hunter2"))
    assert "ValueError" in findings["Reconciling"].message
    assert "hunter2" not in findings["Reconciling"].message


def existing(status):
    manifest = dataset()
    return manifest | {"metadata": manifest["metadata"] | {"generation": 3}, "status": status}


def stated(kind, status, reason_, generation=3):
    return {
        "type": kind,
        "status": status,
        "reason": reason_,
        "message": "m",
        "observedGeneration": generation,
        "lastTransitionTime": "2026-03-01T11:00:00Z",
    }


QUOTA = explain(QuotaExceededError("full"))


def test_findings_replace_the_overall_conditions_and_leave_the_rest():
    before = {
        "snapshot": {"rows": 3},
        "conditions": [stated("Available", "True", "Serving"), stated("Ready", "False", "Old")],
    }
    status = with_findings(existing(before), QUOTA, NOON)
    assert status["snapshot"] == {"rows": 3}
    assert status["observedGeneration"] == 3
    assert says({"status": status}) == {
        "Available": ("True", "Serving"),
        "Ready": ("False", "QuotaExceeded"),
        "Reconciling": ("True", "QuotaExceeded"),
    }


def test_an_object_that_is_ready_for_its_spec_stays_ready_when_new_work_is_hindered():
    before = {"conditions": [stated("Ready", "True", "SnapshotReady")]}
    assert says({"status": with_findings(existing(before), QUOTA, NOON)}) == {
        "Ready": ("True", "SnapshotReady"),
        "Degraded": ("True", "QuotaExceeded"),
    }


def test_an_object_that_was_ready_for_an_older_spec_is_no_longer_ready():
    before = {"conditions": [stated("Ready", "True", "SnapshotReady", generation=2)]}
    conditions = says({"status": with_findings(existing(before), QUOTA, NOON)})
    assert conditions["Ready"] == ("False", "QuotaExceeded")


def test_the_same_findings_change_nothing():
    once = with_findings(existing({}), QUOTA, NOON)
    again = with_findings(existing(once), QUOTA, NOON + timedelta(hours=1))
    assert again == once


def test_unreadable_conditions_of_other_writers_are_replaced():
    status = with_findings(existing({"conditions": [{"type": "Odd"}]}), QUOTA, NOON)
    assert set(says({"status": status})) == {"Ready", "Reconciling"}


def test_a_path_has_the_notation_of_kubectl():
    assert field_path(("spec", "columns", 3, "type")) == "spec.columns[3].type"
    assert field_path(()) == ""


def test_findings_are_conditions_like_any_others():
    assert conditions.stalled("A", "b")["Stalled"] == ("True", "A", "b")
