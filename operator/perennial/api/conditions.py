"""Conditions as kstatus reads them: Ready, the abnormal-true Reconciling and Stalled, Degraded."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from perennial.api.scalars import Count, Time
from perennial.api.schema import Status, list_map

Truth = Literal["True", "False", "Unknown"]

LONGEST_MESSAGE = 2048


class ConditionType(StrEnum):
    """Every aspect that any kind reports."""

    READY = "Ready"
    AVAILABLE = "Available"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    DEGRADED = "Degraded"
    VALIDATED = "Validated"


class Condition(Status):
    """One aspect of an object's state, for people and for tools."""

    type: Annotated[str, Field(max_length=63)]
    """Which aspect: Ready, Reconciling, Stalled and others."""
    status: Truth
    """Whether it holds."""
    reason: Annotated[str, Field(min_length=1, max_length=63)]
    """A word to search for."""
    message: Annotated[str, Field(max_length=LONGEST_MESSAGE)]
    """What is so, and what to do about it."""
    observed_generation: Count
    """The generation of the object that this was said about."""
    last_transition_time: Time
    """When the status of the condition last changed."""


Conditions = Annotated[tuple[Condition, ...], Field(max_length=16), list_map("type")]


class Finding(NamedTuple):
    """What a condition is to say from now on."""

    status: Truth
    reason: str
    message: str


Findings = Mapping[str, Finding]


def ready(reason: str, message: str) -> Findings:
    """Settled: what the spec asks for is so."""
    return {ConditionType.READY: Finding("True", reason, message)}


def reconciling(reason: str, message: str) -> Findings:
    """Under way, because the current generation asks for it: nobody needs to act."""
    return {
        ConditionType.READY: Finding("False", reason, message),
        ConditionType.RECONCILING: Finding("True", reason, message),
    }


def stalled(reason: str, message: str) -> Findings:
    """Stuck until somebody changes the spec; the message says what."""
    return {
        ConditionType.READY: Finding("False", reason, message),
        ConditionType.STALLED: Finding("True", reason, message),
    }


def degraded(findings: Findings, reason: str, message: str) -> Findings:
    """What holds goes on holding, and something that the operator itself began has failed."""
    return {**findings, ConditionType.DEGRADED: Finding("True", reason, message)}


def merge(
    previous: tuple[Condition, ...], findings: Findings, generation: int, now: datetime
) -> tuple[Condition, ...]:
    """Return the conditions from now on; a transition time moves only when the status does."""
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
