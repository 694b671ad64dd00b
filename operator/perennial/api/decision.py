"""Decision: what a person decided about a rollout."""

from typing import Annotated, Final, Literal

from pydantic import Field

from perennial.api.conditions import Conditions
from perennial.api.rollout_status import DecisionOutcome, DecisionVerdict, Revision
from perennial.api.scalars import Generation, Name, Text, Time, Word
from perennial.api.schema import Rule, Spec, Status, rules

OF_CANDIDATE: Final[tuple[DecisionVerdict, ...]] = ("Promote", "Abort", "Pause", "Resume")
OF_REJECTED: Final[tuple[DecisionVerdict, ...]] = ("Retry", "Override")
OF_STABLE: Final[tuple[DecisionVerdict, ...]] = ("Rollback",)
"""Verdicts by the revision that their subject names."""


class DecisionSubject(Spec):
    """Object in the namespace of the Decision that the Decision is about."""

    model_config = rules(
        Rule(
            "has(self.revision)",
            "subject.revision is required: Promote, Abort, Pause and Resume name the revision of "
            ".status.candidate, Retry and Override one of .status.rejected, Rollback that of "
            ".status.stable",
        )
    )

    kind: Literal["ModelDeployment"]
    """Kind of the object."""
    name: Name
    """Name of the object."""
    revision: Revision | None = None
    """Revision that the verdict is about. It protects a newer one from the Decision."""


class ReturnTo(Spec):
    """Version that a rollback returns to."""

    version: Name
    """Name of the ModelVersion. Its revision must be one that is still kept."""


class DecisionSpec(Spec):
    """An immutable record of what a person decided."""

    model_config = rules(
        Rule("self == oldSelf", "a Decision is immutable: create another one"),
        Rule(
            "self.verdict != 'Rollback' || has(self.to)",
            "to is required for Rollback: name the ModelVersion to return to in to.version",
        ),
        Rule(
            "self.verdict == 'Rollback' || !has(self.to)",
            "to belongs to the verdict Rollback: remove to",
        ),
    )

    subject: DecisionSubject
    """Object that the Decision is about."""
    verdict: DecisionVerdict
    """What to do with the rollout. A user needs the verb of the same name on the subject."""
    to: ReturnTo | None = None
    """Version that a rollback returns to."""
    by: Word
    """Name of the user who decides. It must be the user who creates the Decision."""
    reason: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """Reason for the verdict, for the record."""
    expires_at: Time | None = None
    """Time after which the Decision is no longer applied."""


class DecisionStatus(Status):
    """Observed state of a Decision."""

    observed_generation: Generation = -1
    """Newest generation of the spec that this status reflects. -1 before the first visit."""
    outcome: DecisionOutcome | None = None
    """Applied, or Refused without any effect. Not set as long as the Decision is pending."""
    at: Time | None = None
    """Time at which the Decision was applied or refused."""
    message: Text | None = None
    """What the Decision led to, or the reason for the refusal."""
    conditions: Conditions = ()
    """Conditions of types Ready (applied), Reconciling, Stalled (refused) and Admitted."""
