"""Which Decision acts next on a ModelDeployment, and which are refused."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from perennial.api.decision import OF_CANDIDATE, OF_REJECTED
from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.api.rollout_status import DecisionOutcome, DecisionRecord
from perennial.planning.decision.decision import Decision

RECORDED: Final = 10
"""Decisions that the status of a ModelDeployment lists."""

_CAUTION: Final = ("Promote", "Override", "Resume", "Retry", "Pause", "Rollback", "Abort")
"""Verdicts of one second in this order: creation times have whole seconds, and caution wins."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What Decisions about a ModelDeployment are compared with."""

    name: str
    created_at: datetime
    records: tuple[DecisionRecord, ...]
    """Decisions that were applied or refused, newest first."""
    stable: str | None = None
    """Revision."""
    candidate: str | None = None
    """Revision."""
    rejected: tuple[str, ...] = ()
    """Revisions."""
    kept: tuple[str, ...] = ()
    """Versions of former revisions, to which a rollback can return."""

    @classmethod
    def of(
        cls, name: str, created_at: datetime, status: ModelDeploymentStatus, kept: Iterable[str]
    ) -> "Subject":
        """Return the subject whose revisions and records are those of a status."""
        return cls(
            name=name,
            created_at=created_at,
            records=status.decisions,
            stable=status.stable.revision if status.stable else None,
            candidate=status.candidate.revision if status.candidate else None,
            rejected=tuple(each.revision for each in status.rejected),
            kept=tuple(kept),
        )


@dataclass(frozen=True, slots=True)
class Due:
    """What the Decisions about a ModelDeployment demand now."""

    acting: Decision | None = None
    """The Decision to apply. Its effect must be recorded with the one of `applied`."""
    refusals: tuple[DecisionRecord, ...] = ()
    """Records of Decisions that can no longer be applied, newest first."""


NOTHING_DUE: Final = Due()


def due(decisions: Sequence[Decision], subject: Subject, now: datetime) -> Due:
    """Return the oldest Decision that can act, and the refusals of those that cannot.

    A Decision acts once at most: not after its record is in the status, and its record stays
    there until its own status has the outcome. Without room for another record, none acts.
    """
    room = RECORDED - len(_uncopied(subject.records, decisions))
    pending = sorted(_pending(decisions, subject, now), key=_order)
    refused = [(each, _obstacle(each, subject)) for each in pending]
    able = [each for each, obstacle in refused if obstacle is None]
    overruled = {each.uid: _overruled(each, able[number + 1 :]) for number, each in enumerate(able)}
    acting = next((each for each in able if overruled[each.uid] is None), None) if room else None
    records = [
        _record(each, "Refused", message, now)
        for each, obstacle in refused
        if (message := obstacle or overruled.get(each.uid))
    ]
    return Due(acting, tuple(reversed(records[: room - bool(acting)])))


def applied(decision: Decision, message: str, now: datetime) -> DecisionRecord:
    """Return the record of a Decision that takes effect."""
    return _record(decision, "Applied", message, now)


def recorded(
    records: Sequence[DecisionRecord],
    newer: Sequence[DecisionRecord],
    decisions: Iterable[Decision],
) -> tuple[DecisionRecord, ...]:
    """Return the newest records with the newer ones; those that no Decision copied yet stay."""
    every = (*newer, *records)
    uncopied = _uncopied(every, decisions)
    spare = RECORDED - len(uncopied)
    copied = [each.uid for each in every if each.uid not in uncopied]
    kept = uncopied | set(copied[:spare])
    return tuple(each for each in every if each.uid in kept)


def _pending(decisions: Iterable[Decision], subject: Subject, now: datetime) -> Iterator[Decision]:
    known = {record.uid for record in subject.records}
    for each in decisions:
        if each.uid not in known and _is_valid(each, subject, now):
            yield each


def _is_valid(decision: Decision, subject: Subject, now: datetime) -> bool:
    """Return whether a Decision was admitted, is about this object, and is not over."""
    expires_at = decision.spec.expires_at
    is_over = decision.is_settled or (expires_at is not None and now >= expires_at)
    return decision.is_admitted and decision.created_at >= subject.created_at and not is_over


def _order(decision: Decision) -> tuple[datetime, int, str]:
    return decision.created_at, _CAUTION.index(decision.spec.verdict), decision.name


def _obstacle(decision: Decision, subject: Subject) -> str | None:
    """Return why a Decision cannot act on what is rolled out, served and rejected now."""
    revision, verdict = decision.spec.subject.revision or "", decision.spec.verdict
    if verdict in OF_CANDIDATE:
        if revision == subject.candidate:
            return None
        actual = f"now rolls out {subject.candidate}" if subject.candidate else "rolls out nothing"
    elif verdict in OF_REJECTED:
        if revision in subject.rejected:
            return None
        rejected = ", ".join(subject.rejected)
        actual = f"has rejected {rejected}" if rejected else "has rejected no revision"
    elif revision == subject.stable:
        return _unreturnable(decision, subject)
    else:
        actual = f"now serves {subject.stable}" if subject.stable else "serves no revision yet"
    return f"{subject.name} {actual}, not {revision}"


def _unreturnable(decision: Decision, subject: Subject) -> str | None:
    version = decision.spec.to.version if decision.spec.to else None
    if version in subject.kept:
        return None
    kept = ", ".join(subject.kept)
    choice = f"it can return to {kept}" if kept else "it keeps no former revision"
    return f"{subject.name} keeps no revision of {version}: {choice}"


def _overruled(decision: Decision, newer: Iterable[Decision]) -> str | None:
    """Return the message about a newer Decision that contradicts this one."""
    by = next((each for each in newer if _contradicts(each, decision)), None)
    return f"overruled by Decision {by.name} ({by.spec.verdict} by {by.spec.by})" if by else None


def _contradicts(one: Decision, other: Decision) -> bool:
    """Return whether two Decisions want different things of the same revision."""
    if one.spec.subject.revision != other.spec.subject.revision:
        return False
    return (one.spec.verdict, one.spec.to) != (other.spec.verdict, other.spec.to)


def _uncopied(records: Iterable[DecisionRecord], decisions: Iterable[Decision]) -> set[str]:
    """Return the recorded Decisions whose own status does not have the outcome yet."""
    waiting = {each.uid for each in decisions if not each.is_settled}
    return {record.uid for record in records} & waiting


def _record(
    decision: Decision, outcome: DecisionOutcome, message: str, now: datetime
) -> DecisionRecord:
    return DecisionRecord(
        uid=decision.uid,
        name=decision.name,
        verdict=decision.spec.verdict,
        by=decision.spec.by,
        at=now.replace(microsecond=0),
        outcome=outcome,
        message=message[:1024],
    )
