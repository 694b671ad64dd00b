"""A Decision as the plans of other kinds see it."""

from dataclasses import dataclass
from datetime import datetime

from perennial.api.conditions import ConditionType
from perennial.api.decision import DecisionSpec, DecisionStatus


@dataclass(frozen=True, slots=True)
class Decision:
    """One Decision."""

    name: str
    uid: str
    created_at: datetime
    spec: DecisionSpec
    status: DecisionStatus

    @property
    def is_settled(self) -> bool:
        """Return whether it was applied or refused."""
        return self.status.outcome is not None

    @property
    def is_admitted(self) -> bool:
        """Return whether the admission policies were in force when it was first looked at."""
        return any(
            condition.type == ConditionType.ADMITTED and condition.status == "True"
            for condition in self.status.conditions
        )
