"""Checks of the candidate: a revision that grows to take the traffic."""

from datetime import timedelta

from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import Progress
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.step import Step


def is_ready_to_serve(rollout: Rollout, candidate: RevisionStatus) -> bool:
    """Return whether the candidate can take the traffic.

    It needs all its pods, or a single one while no pod of the stable revision answers.
    """
    stable = rollout.stable
    return candidate.ready >= (rollout.wanted if stable and stable.ready else 1)


def candidate_out_of_time(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """The progress deadline has passed; the candidate may still become ready."""
    if rollout.left(candidate.since) > timedelta(0):
        return None
    findings = messages.out_of_time(rollout, _state(rollout, candidate))
    return Step(findings, rollout.stable, candidate)


def candidate_blocked(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """Something keeps the candidate's pods from answering."""
    blocker = rollout.blocker(candidate)
    if blocker is None:
        return None
    findings = messages.held_up(rollout, blocker.reason, _state(rollout, candidate))
    return Step(findings, rollout.stable, candidate, rollout.left(candidate.since))


def candidate_grows(rollout: Rollout, candidate: RevisionStatus) -> Step:
    """The candidate's pods are starting."""
    findings = messages.under_way(rollout, Progress.STARTING, _state(rollout, candidate))
    return Step(findings, rollout.stable, candidate, rollout.left(candidate.since))


def _state(rollout: Rollout, candidate: RevisionStatus) -> str:
    return f"{candidate.version}: {messages.state(rollout, candidate)}"
