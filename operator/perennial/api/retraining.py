"""Retraining: what makes a Model learn again from newer rows, and what holds it back."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.scalars import Duration, Name, Text, Time
from perennial.api.schema import Spec, Status

TriggerKind = Literal["Schedule", "NewData"]
Outcome = Literal["NothingNewToLearn", "Done"]


class Retraining(Spec):
    """Triggers of a retraining, and their limits."""

    every: Duration | None = None
    """Time after the last training at which the Model learns again. Defaults to never."""
    new_data: Literal["Ignore", "Train"] = "Ignore"
    """Whether a snapshot with other rows is learned from."""
    cooldown: Duration = "24h"
    """Minimum time between two trainings."""
    per_month: Annotated[int, Field(ge=1, le=1000)] = 4
    """Maximum number of retrainings in a calendar month, in UTC."""
    suspend: bool = False
    """Do not begin any retraining."""


class Trigger(Spec):
    """The cause of a retraining."""

    kind: TriggerKind
    """Kind of the trigger."""
    reason: Text
    """Human-readable cause."""
    at: Time
    """Time of the trigger. Only rows of a snapshot that is at least as new are learned."""


class RetrainingStatus(Status):
    """The newest retraining."""

    trigger: Trigger
    """Cause of the retraining."""
    state: Literal["Held", "Waiting", "Training", "NothingNewToLearn", "Done"]
    """Held by a limit, Waiting for a snapshot, Training, or how it ended."""
    until: Time | None = None
    """Time at which a limit ends."""
    message: Text = ""
    """Explanation."""


class RetrainingRecord(Status):
    """A retraining that ended."""

    at: Time
    """Time of its trigger."""
    kind: TriggerKind
    """Kind of its trigger."""
    version: Name | None = None
    """ModelVersion that was trained."""
    outcome: Outcome
    """Done if a version was trained, whether it passed its gates or not."""
