"""Conditions as kstatus reads them: Ready, the abnormal-true Reconciling and Stalled, Degraded."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from perennial.api.scalars import Count, Time
from perennial.api.schema import Status, list_map

Truth = Literal["True", "False", "Unknown"]

LONGEST_MESSAGE = 2048


class ConditionType(StrEnum):
    """Types of the conditions that objects report."""

    READY = "Ready"
    AVAILABLE = "Available"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    DEGRADED = "Degraded"
    VALIDATED = "Validated"
    ADMITTED = "Admitted"


class Condition(Status):
    """State of one aspect of an object."""

    type: Annotated[str, Field(max_length=63)]
    """Type of the condition, such as Ready, Reconciling or Stalled."""
    status: Truth
    """Status of the condition: True, False or Unknown."""
    reason: Annotated[str, Field(min_length=1, max_length=63)]
    """Machine-readable reason in CamelCase."""
    message: Annotated[str, Field(max_length=LONGEST_MESSAGE)]
    """Human-readable explanation, with the remedy where one is needed."""
    observed_generation: Count
    """Generation of the object that the condition describes."""
    last_transition_time: Time
    """Time of the last change of the status."""


Conditions = Annotated[tuple[Condition, ...], Field(max_length=16), list_map("type")]


class Finding(NamedTuple):
    """The status, reason and message that a condition will have."""

    status: Truth
    reason: str
    message: str


Findings = Mapping[str, Finding]


def ready(reason: str, message: str) -> Findings:
    """Return the conditions of an object whose spec is fulfilled."""
    return {ConditionType.READY: Finding("True", reason, message)}


def reconciling(reason: str, message: str) -> Findings:
    """Return the conditions of an object whose spec is being acted on; no user needs to act."""
    return {
        ConditionType.READY: Finding("False", reason, message),
        ConditionType.RECONCILING: Finding("True", reason, message),
    }


def stalled(reason: str, message: str) -> Findings:
    """Return the conditions of an object that needs a change of its spec, named by the message."""
    return {
        ConditionType.READY: Finding("False", reason, message),
        ConditionType.STALLED: Finding("True", reason, message),
    }


def degraded(findings: Findings, reason: str, message: str) -> Findings:
    """Return the findings with Degraded added: work that the operator began by itself failed."""
    return {**findings, ConditionType.DEGRADED: Finding("True", reason, message)}


def kept(previous: Iterable[Condition]) -> dict[str, Finding]:
    """Return conditions as the findings that keep them as they are."""
    return {each.type: Finding(each.status, each.reason, each.message) for each in previous}


def merge(
    previous: tuple[Condition, ...], findings: Findings, generation: int, now: datetime
) -> tuple[Condition, ...]:
    """Return the new conditions; a transition time changes only when the status changes."""
    before = {condition.type: condition for condition in previous}
    return tuple(
        _condition(kind, finding, before.get(kind), generation, now)
        for kind, finding in sorted(findings.items())
    )


def _condition(
    kind: str, finding: Finding, old: Condition | None, generation: int, now: datetime
) -> Condition:
    unchanged = old is not None and old.status == finding.status
    return Condition(
        type=str(kind),
        status=finding.status,
        reason=finding.reason,
        message=finding.message[:LONGEST_MESSAGE],
        observed_generation=generation,
        last_transition_time=old.last_transition_time
        if old and unchanged
        else now.replace(microsecond=0),
    )
