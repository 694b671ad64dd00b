"""How far the rollout of a ModelDeployment is: done, in progress, or failed."""

from typing import Final, Literal, NamedTuple

from perennial.api.conditions import Condition, ConditionType
from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import Progress, SpecReason
from perennial.api.rollout_status import RolloutGate, RolloutStatus
from perennial.cli.read import Deployment

_ALL: Final = 100
State = Literal["Done", "InProgress", "Failed"]

_DEAD_ENDS: Final = (SpecReason.KNOWN_BAD, Progress.PROGRESS_DEADLINE_EXCEEDED)
"""Reasons of Degraded with which a version that came by itself does not continue by itself."""


class Standing(NamedTuple):
    """State of a rollout, with an explanation."""

    state: State
    message: str


def standing(deployment: Deployment) -> Standing:
    """Return how far the newest rollout is."""
    if failure := _failure(deployment):
        return Standing("Failed", failure)
    if wait := _wait(deployment):
        return Standing("InProgress", wait)
    stable = deployment.status.stable
    ready = deployment.condition(ConditionType.READY)
    return Standing("Done", _done(stable, ready) if stable else _text(ready))


def step(
    candidate: RevisionStatus, rollout: RolloutStatus | None, condition: Condition | None = None
) -> str:
    """Return in one line what a rollout does now and what it waits for."""
    name = f"{candidate.version} ({candidate.revision})"
    stage = rollout.stage if rollout else None
    reason = f": {condition.reason}" if condition and condition.reason != stage else ""
    if rollout is None:
        return f"{name} has {candidate.ready} of {candidate.replicas} pods ready{reason}"
    waiting = [f"{gate.name} {gate.outcome}" for gate in required(rollout)]
    gates = f", gates: {', '.join(waiting)}" if waiting and rollout.stage == "Analyzing" else ""
    share = f"{candidate.weight or 0} % of the traffic"
    return f"{name} has {share}, {position(rollout)}, {rollout.stage}{reason}{gates}"


def position(rollout: RolloutStatus) -> str:
    """Return the current step and the number of all; the last one moves all traffic."""
    number = len(rollout.steps) + 1
    return f"step {min(rollout.step, number)} of {number}"


def required(rollout: RolloutStatus) -> list[RolloutGate]:
    """Return the gates that the step waits for."""
    return [
        gate for gate in rollout.gates if gate.on_failed != "Inform" and gate.outcome != "Passed"
    ]


def _done(stable: RevisionStatus, ready: Condition | None) -> str:
    weight = _ALL if stable.weight is None else stable.weight
    share = "all traffic" if weight == _ALL else f"{weight} % of the traffic"
    watch = f"; {ready.message}" if ready and ready.reason == Progress.WATCHING else ""
    return f"{stable.version} ({stable.revision}) has {share}{watch}"


def _failure(deployment: Deployment) -> str | None:
    """Return why a rollout does not continue by itself."""
    if deployment.is_deleted:
        return f"{deployment.name} is being deleted"
    if not deployment.is_observed:
        return None
    if stalled := deployment.true(ConditionType.STALLED):
        return _text(stalled)
    degraded = deployment.true(ConditionType.DEGRADED)
    return _text(degraded) if degraded and degraded.reason in _DEAD_ENDS else None


def _wait(deployment: Deployment) -> str | None:
    """Return what a rollout that is not done waits for."""
    if not deployment.is_observed:
        return "waiting for the operator to read the new spec"
    reconciling = deployment.true(ConditionType.RECONCILING)
    if candidate := deployment.status.candidate:
        reason = deployment.true(ConditionType.DEGRADED) or reconciling
        return step(candidate, deployment.status.rollout, reason)
    if reconciling or not deployment.true(ConditionType.READY):
        return _text(reconciling or deployment.condition(ConditionType.READY))
    return None


def _text(condition: Condition | None) -> str:
    if condition is None:
        return "waiting for the operator"
    return f"{condition.reason}: {condition.message}"
