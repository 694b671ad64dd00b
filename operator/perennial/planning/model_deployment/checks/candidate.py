"""Checks of the candidate: a revision that grows to take the traffic."""

from datetime import timedelta

from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import Progress
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.checks.transitions import is_shift_in_force
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.step import Step


def is_ready_to_serve(rollout: Rollout, candidate: RevisionStatus) -> bool:
    """Return whether the candidate can take the traffic.

    It needs all its pods, or a single one while no pod of the stable revision answers.
    """
    stable = rollout.stable
    return candidate.ready >= (rollout.wanted if stable and stable.ready else 1)


def stands_in(rollout: Rollout, candidate: RevisionStatus) -> bool:
    """Return whether the candidate answers in place of a stable revision without ready pods."""
    stable = rollout.stable
    if stable is None or rollout.progress is None or not rollout.wanted:
        return False
    return candidate.ready > 0 and stable.ready == 0


def stood_in(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """The candidate has no proof yet that all traffic reaches it: another target waits."""
    if is_shift_in_force(rollout):
        return None
    message = f"{candidate.version}: {messages.unproven(rollout)}"
    findings = messages.under_way(rollout, Progress.SHIFTING, message)
    return Step(findings, rollout.stable, candidate, progress=rollout.progress)


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
