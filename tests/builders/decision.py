"""Decisions for tests: say only what the test is about."""

from datetime import datetime, timedelta

from builders.job import NOON
from perennial.api import conditions
from perennial.api.conditions import Finding
from perennial.api.decision import DecisionSpec, DecisionStatus, DecisionSubject, ReturnTo
from perennial.api.rollout_status import DecisionOutcome, DecisionRecord, DecisionVerdict
from perennial.planning.decision.decision import Decision
from perennial.planning.decision.observed import Observed, Subject

STABLE, CANDIDATE, REJECTED = "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"
ALICE = "alice@example.com"

_REVISIONS = {"Retry": REJECTED, "Override": REJECTED, "Rollback": STABLE}


def spec(
    verdict: DecisionVerdict = "Promote",
    revision: str | None = None,
    to: str | None = None,
    by: str = ALICE,
    expires_after: float | None = None,
) -> DecisionSpec:
    """A Decision about churn; it expires so many seconds after noon."""
    return DecisionSpec(
        subject=DecisionSubject(
            kind="ModelDeployment",
            name="churn",
            revision=revision or _REVISIONS.get(verdict, CANDIDATE),
        ),
        verdict=verdict,
        to=ReturnTo(version=to or "churn-1") if verdict == "Rollback" else None,
        by=by,
        expires_at=None if expires_after is None else NOON + timedelta(seconds=expires_after),
    )


def admitted(*, truth: str = "True") -> DecisionStatus:
    """The status of a pending Decision, after the first look."""
    findings = {
        **conditions.reconciling("Pending", "waits"),
        "Admitted": Finding(truth, "PoliciesEnforced", "the policies are in force"),
    }
    stated = conditions.merge((), findings, 1, NOON)
    return DecisionStatus(observed_generation=1, conditions=stated)


def decision(
    verdict: DecisionVerdict = "Promote",
    name: str = "",
    after: float = 0,
    status: DecisionStatus | None = None,
    **fields,
) -> Decision:
    """An admitted Decision that was created so many seconds after noon."""
    given = name or verdict.lower()
    created_at = NOON + timedelta(seconds=after)
    return Decision(
        given, f"uid-{given}", created_at, spec(verdict, **fields), status or admitted()
    )


def record(
    of: Decision, outcome: DecisionOutcome = "Applied", message: str = "done", after: float = 0
) -> DecisionRecord:
    return DecisionRecord(
        uid=of.uid,
        name=of.name,
        verdict=of.spec.verdict,
        by=of.spec.by,
        at=NOON + timedelta(seconds=after),
        outcome=outcome,
        message=message,
    )


def observed(
    of: Decision | None = None,
    *records: DecisionRecord,
    made_at: datetime = NOON - timedelta(days=1),
    now: datetime = NOON,
    **fields,
) -> Observed:
    """A Decision about a ModelDeployment that was made the day before."""
    return Observed(
        **{
            "decision": of or decision(status=DecisionStatus()),
            "generation": 1,
            "subject": Subject(made_at, records),
            "is_missing": False,
            "is_enforced": None,
            "now": now,
            **fields,
        }
    )
