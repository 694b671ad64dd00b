"""Everything that the status of a Decision may depend on."""

from dataclasses import dataclass
from datetime import datetime

from perennial.api.rollout_status import DecisionRecord
from perennial.planning.decision.decision import Decision


@dataclass(frozen=True, slots=True)
class Subject:
    """The object that a Decision is about."""

    created_at: datetime
    records: tuple[DecisionRecord, ...]
    """Decisions that its reconciler has applied or refused."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the decision may depend on, gathered beforehand."""

    decision: Decision
    generation: int
    subject: Subject | None
    """None as long as no watch has delivered the object."""
    is_missing: bool
    """Whether the API server has no such object."""
    is_enforced: bool | None
    """Whether the admission policies are in force. None if this was not looked up."""
    now: datetime
