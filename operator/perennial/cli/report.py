"""The document that `kubectl perennial status -o json` prints."""

from perennial.api.conditions import Condition
from perennial.api.model_deployment import RevisionStatus
from perennial.api.rollout import Strategy
from perennial.api.rollout_status import DecisionRecord, RejectedRevision, RolloutStatus
from perennial.api.schema import Status
from perennial.cli.progress import State, standing
from perennial.cli.read import Deployment, Event


class Report(Status):
    """A ModelDeployment at a glance. All fields are present; fields may be added."""

    name: str
    """Name of the ModelDeployment."""
    namespace: str
    """Its namespace."""
    url: str | None
    """URL of the model inside the cluster."""
    state: State
    """State of the newest rollout, as `rollout status` reads it."""
    message: str
    """Explanation of the state."""
    paused: bool
    """Whether the spec holds rollouts."""
    strategy: Strategy | None
    """Rollout strategy in force."""
    stable: RevisionStatus | None
    """Revision that has the traffic."""
    candidate: RevisionStatus | None
    """Revision that is being rolled out."""
    former: RevisionStatus | None
    """Revision that was stable before."""
    rollout: RolloutStatus | None
    """Rollout in progress, with its gates."""
    rejected: tuple[RejectedRevision, ...]
    """Revisions that failed their rollout, newest first."""
    decisions: tuple[DecisionRecord, ...]
    """Most recent Decisions, newest first."""
    conditions: tuple[Condition, ...]
    """Conditions of the ModelDeployment."""
    events: tuple[Event, ...]
    """Most recent Events, newest first."""


def report(deployment: Deployment, events: tuple[Event, ...]) -> Report:
    """Return the document about a ModelDeployment."""
    status, (state, message) = deployment.status, standing(deployment)
    return Report(
        name=deployment.name,
        namespace=deployment.namespace,
        url=status.address.url if status.address else None,
        state=state,
        message=message,
        paused=deployment.is_paused,
        strategy=status.strategy,
        stable=status.stable,
        candidate=status.candidate,
        former=status.former,
        rollout=status.rollout,
        rejected=status.rejected,
        decisions=status.decisions,
        conditions=status.conditions,
        events=events,
    )
