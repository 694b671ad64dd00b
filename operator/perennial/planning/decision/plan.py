"""What became of a Decision: its subject applies or refuses it, and some never reach it."""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from perennial.api import conditions
from perennial.api.conditions import ConditionType, Finding, Findings
from perennial.api.decision import DecisionStatus
from perennial.api.reasons import Progress, SpecReason
from perennial.api.rollout_status import DecisionOutcome, DecisionRecord
from perennial.api.times import to_timestamp
from perennial.planning.announcements import announcements
from perennial.planning.decision.observed import Observed
from perennial.planning.plan import Plan

GRACE: Final = timedelta(minutes=1)
"""Time after the expiry within which the record of a Decision that was just applied arrives."""

_ENFORCED: Final = "the admission policies of Decisions are in force in this namespace"
_NOT_ENFORCED: Final = (
    "the admission policies of Decisions are not in force in this namespace, so anyone could have "
    "written this Decision: install them (chart value decisions.policies: true), and create the "
    "Decision again"
)


class _Refusal(NamedTuple):
    reason: SpecReason
    message: str


def plan(observed: Observed) -> Plan[DecisionStatus]:
    """Return the outcome, which never changes once it is recorded, or else that it is pending."""
    status = observed.decision.status
    if status.outcome is not None:
        return _settled(observed, status.outcome, status.at or observed.now, status.message or "")
    if record := _record(observed):
        return _settled(observed, record.outcome, record.at, record.message)
    if refusal := _refusal(observed):
        return _settled(observed, "Refused", observed.now, refusal.message, refusal.reason)
    return _pending(observed)


def _record(observed: Observed) -> DecisionRecord | None:
    records = observed.subject.records if observed.subject else ()
    return next((each for each in records if each.uid == observed.decision.uid), None)


def _refusal(observed: Observed) -> _Refusal | None:
    """Return why the Decision can never be applied; None if its subject has to decide."""
    spec, subject = observed.decision.spec, observed.subject
    name = f"{spec.subject.kind} {spec.subject.name}"
    if observed.is_missing:
        message = f"{name} does not exist: check spec.subject.name, and create the Decision again"
        return _Refusal(SpecReason.SUBJECT_NOT_FOUND, message)
    if subject and observed.decision.created_at < subject.created_at:
        message = (
            f"{name} was created at {to_timestamp(subject.created_at)}, after this Decision, which "
            "was about an earlier object of that name: create the Decision again if it still holds"
        )
        return _Refusal(SpecReason.SUBJECT_REPLACED, message)
    if observed.is_enforced is False and not observed.decision.is_admitted:
        return _Refusal(SpecReason.POLICIES_MISSING, _NOT_ENFORCED)
    if spec.expires_at and observed.now >= spec.expires_at + GRACE:
        message = (
            f"it expired at {to_timestamp(spec.expires_at.astimezone(UTC))}, before it was "
            "applied: create another Decision if it still holds"
        )
        return _Refusal(SpecReason.EXPIRED, message)
    return None


def _settled(
    observed: Observed,
    outcome: DecisionOutcome,
    at: datetime,
    message: str,
    reason: SpecReason | None = None,
) -> Plan[DecisionStatus]:
    if outcome == "Applied":
        findings = conditions.ready(Progress.APPLIED, message)
    else:
        findings = conditions.stalled(reason or _known_reason(observed), message)
    return _planned(observed, findings, outcome=outcome, at=at.replace(microsecond=0), text=message)


def _known_reason(observed: Observed) -> str:
    """Return the reason of the recorded refusal; the record of a subject has none."""
    stated = observed.decision.status.conditions
    known = (each.reason for each in stated if each.type == ConditionType.STALLED)
    return next(known, SpecReason.REFUSED)


def _pending(observed: Observed) -> Plan[DecisionStatus]:
    spec = observed.decision.spec
    findings = conditions.reconciling(
        Progress.PENDING, f"waits for {spec.subject.kind} {spec.subject.name} to be reconciled"
    )
    left = spec.expires_at + GRACE - observed.now if spec.expires_at else None
    return _planned(observed, findings, requeue_after=left)


def _planned(
    observed: Observed,
    findings: Findings,
    outcome: DecisionOutcome | None = None,
    at: datetime | None = None,
    text: str | None = None,
    requeue_after: timedelta | None = None,
) -> Plan[DecisionStatus]:
    before = observed.decision.status.conditions
    stated = {**findings, **_admitted(observed)}
    status = DecisionStatus(
        observed_generation=observed.generation,
        outcome=outcome,
        at=at,
        message=text,
        conditions=conditions.merge(before, stated, observed.generation, observed.now),
    )
    return Plan(status, announcements(before, findings), requeue_after)


def _admitted(observed: Observed) -> Findings:
    """Return what the first look at the admission policies found; it is never looked up again."""
    before = observed.decision.status.conditions
    known = conditions.kept(each for each in before if each.type == ConditionType.ADMITTED)
    if known:
        return known
    if observed.is_enforced is None:
        return {}
    if observed.is_enforced:
        return {ConditionType.ADMITTED: Finding("True", Progress.POLICIES_ENFORCED, _ENFORCED)}
    missing = Finding("False", SpecReason.POLICIES_MISSING, _NOT_ENFORCED)
    return {ConditionType.ADMITTED: missing}
