"""What one look at a ModelDeployment leads to."""

from dataclasses import dataclass
from datetime import timedelta

from perennial.api.conditions import Findings
from perennial.api.model_deployment import RevisionStatus
from perennial.api.rollout_status import DecisionRecord, RejectedRevision, RolloutStatus


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

    decision: DecisionRecord | None = None
    """The Decision that acts with this step."""
    lifted: str | None = None
    """Revision whose rejection is forgotten."""
    overridden: str | None = None
    """Revision whose next rollout has gates that only inform."""

    @property
    def serving(self) -> RevisionStatus | None:
        """Return the revision that has the traffic: during a watch it is the candidate."""
        return self.candidate if self.is_watching else self.stable

    @property
    def coming(self) -> RevisionStatus | None:
        """Return the revision that is to take the traffic over."""
        return None if self.is_watching else self.candidate

    @property
    def is_watching(self) -> bool:
        """Return whether the former revision stays ready beside the one that took over."""
        return self.progress is not None and self.progress.stage == "Watching"
