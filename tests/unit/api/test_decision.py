from typing import get_args

import pytest
from pydantic import ValidationError

from perennial.api.decision import (
    OF_CANDIDATE,
    OF_REJECTED,
    OF_STABLE,
    DecisionSpec,
    DecisionStatus,
)
from perennial.api.rollout_status import DecisionVerdict

PROMOTE = {
    "subject": {"kind": "ModelDeployment", "name": "churn", "revision": "0123456789"},
    "verdict": "Promote",
    "by": "alice@example.com",
}


def test_a_subject_a_verdict_and_an_author_are_enough():
    spec = DecisionSpec.model_validate(PROMOTE)
    assert (spec.subject.revision, spec.verdict, spec.by) == (
        *("0123456789", "Promote", "alice@example.com"),
    )
    assert (spec.to, spec.reason, spec.expires_at) == (None, None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "Approve"},
        {"by": ""},
        {"reason": ""},
        {"expiresAt": "2027-01-31T18:00:00"},
        {"subject": {"kind": "Model", "name": "churn"}},
        {"subject": {**PROMOTE["subject"], "revision": "latest"}},
    ],
    ids=str,
)
def test_what_nobody_can_mean_is_refused(change):
    with pytest.raises(ValidationError):
        DecisionSpec.model_validate({**PROMOTE, **change})


def test_every_verdict_is_about_one_revision_of_its_subject():
    verdicts = (*OF_CANDIDATE, *OF_REJECTED, *OF_STABLE)
    assert sorted(verdicts) == sorted(get_args(DecisionVerdict))


def test_a_decision_begins_without_an_outcome():
    assert DecisionStatus().outcome is None
