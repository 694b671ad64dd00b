"""What one look at a ModelDeployment leads to."""

from dataclasses import dataclass
from datetime import timedelta

from perennial.api.conditions import Findings
from perennial.api.model_deployment import RevisionStatus
from perennial.api.rollout_status import RejectedRevision, RolloutStatus


@dataclass(frozen=True, slots=True)
class Step:
    """Which revisions live from now on, and what the conditions report."""

    findings: Findings
    stable: RevisionStatus | None
    """The revision that has the traffic."""
    candidate: RevisionStatus | None = None
    """The revision that is to take it over."""
    requeue_after: timedelta | None = None
    progress: RolloutStatus | None = None
    """How far a rollout in stages is; None if there is none."""
    rejection: RejectedRevision | None = None
    """A verdict. It is recorded first, and the next look acts on it."""
