"""Checks of a candidate whose rollout has stages: it grows, its traffic shifts, and it pauses."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from perennial.api import conditions
from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import Progress
from perennial.api.rollout_status import RolloutGate, RolloutStatus
from perennial.api.times import to_timestamp
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.analysis import longest_step
from perennial.planning.model_deployment.checks.transitions import (
    end_of_pause,
    end_of_watch,
    progress_of,
    until_routable,
)
from perennial.planning.model_deployment.checks.verdict import (
    has_time_left,
    required_gates,
)
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.stages import (
    ALL,
    is_watching,
    waits_for_decision,
    weight_of_step,
)
from perennial.planning.model_deployment.step import Step
from perennial.planning.model_deployment.traffic import (
    candidate_share,
    pods_of_step,
)
from perennial.planning.plan import soonest

_FIRST_DATA: Final = timedelta(minutes=1)
"""How long the first samples of a step may take."""


def growing(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """The candidate has not all pods that its step needs."""
    progress = progress_of(rollout)
    if progress.stage != "Growing":
        return None
    routable = until_routable(rollout, candidate)
    if progress.returning and rollout.is_routed and routable <= timedelta(0):
        progress = progress.model_copy(update={"weight": _portion(rollout, candidate)})
    state = messages.state_of(rollout, candidate, pods_of_step(rollout, progress))
    message = f"{candidate.version}: {state} for {_share(weight_of_step(progress))}"
    left = rollout.left(progress.stage_since)
    blocker = rollout.blocker(candidate)
    if left <= timedelta(0):
        findings = messages.out_of_time(rollout, message)
        return Step(findings, rollout.stable, candidate, progress=progress)
    if blocker:
        findings = messages.held_up(rollout, blocker.reason, message)
    else:
        findings = messages.under_way(rollout, Progress.STARTING, message)
    wait = routable if routable > timedelta(0) else left
    return Step(findings, rollout.stable, candidate, wait, progress)


def shifting(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """The weights were written, and are not proven to be in force."""
    progress = progress_of(rollout)
    if progress.stage != "Shifting":
        return None
    message = f"{candidate.version}: {messages.unproven(rollout)}"
    left = rollout.left(progress.stage_since)
    if left <= timedelta(0):
        findings = messages.out_of_time(rollout, message)
        return Step(findings, rollout.stable, candidate, progress=progress)
    findings = messages.under_way(rollout, Progress.SHIFTING, message)
    return Step(findings, rollout.stable, candidate, left, progress)


def analyzing(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """The traffic of the step has moved, and its gates have not passed."""
    progress = progress_of(rollout)
    if progress.stage != "Analyzing" or progress.analysis is None:
        return None
    now, gates = rollout.observed.now, required_gates(progress)
    message = f"{candidate.version} has {_share(weight_of_step(progress))}; {_waiting(gates)}"
    if waits_for_decision(progress):
        message = f"{message}; the step waits for a Decision with Resume or Promote"
    failed = any(gate.outcome == "Failed" for gate in gates)
    if failed:
        findings = messages.held_up(rollout, Progress.GATE_FAILED, message)
    elif not has_time_left(rollout, progress):
        message = f"{message}; no result after {progress.analysis.max_duration}"
        findings = messages.held_up(rollout, Progress.INCONCLUSIVE, message)
    elif _lacks_data(rollout, progress):
        findings = messages.held_up(rollout, Progress.NO_DATA, message)
    else:
        findings = messages.under_way(rollout, Progress.ANALYZING, message)
    ends = (end_of_pause(progress), progress.stage_since + longest_step(progress.analysis))
    wait = soonest(*(end - now for end in ends if end > now))
    return Step(findings, rollout.stable, candidate, wait, progress)


def watching(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """The candidate has the traffic, and the former revision stays ready to take it back."""
    progress = progress_of(rollout)
    if not is_watching(progress) or rollout.stable is None:
        return None
    end = end_of_watch(progress)
    state = messages.state(rollout, candidate)
    message = (
        f"{candidate.version}: {state}; {rollout.stable.version} stays ready to return until "
        f"{to_timestamp(end)}"
    )
    findings = conditions.ready(Progress.WATCHING, message)
    failed = [gate for gate in required_gates(progress) if gate.outcome == "Failed"]
    if failed:
        findings = conditions.degraded(findings, Progress.GATE_FAILED, _waiting(failed))
    wait = end - rollout.observed.now
    return Step(findings, rollout.stable, candidate, wait, progress)


def pausing(rollout: Rollout, candidate: RevisionStatus) -> Step:
    """The traffic of the step has moved, and its pause has not ended."""
    progress = progress_of(rollout)
    end = end_of_pause(progress)
    share = f"{candidate.version} has {_share(weight_of_step(progress))}"
    if waits_for_decision(progress):
        message = f"{share}; the step waits for a Decision: create one with Resume or Promote"
        findings = messages.under_way(rollout, Progress.PAUSED, message)
        return Step(findings, rollout.stable, candidate, progress=progress)
    message = f"{share}; the next step begins at {to_timestamp(end)}"
    findings = messages.under_way(rollout, Progress.PAUSING, message)
    return Step(findings, rollout.stable, candidate, end - rollout.observed.now, progress)


def _lacks_data(rollout: Rollout, progress: RolloutStatus) -> bool:
    """Return whether data is missing for longer than it takes to arrive."""
    missing = any(gate.outcome == "NoData" for gate in required_gates(progress))
    waited = rollout.observed.now - progress.stage_since
    return waited > _FIRST_DATA and (missing or not progress.gates)


def _waiting(gates: Sequence[RolloutGate]) -> str:
    """Return the gates that have not passed, with what each waits for."""
    open_ = [gate for gate in gates if gate.outcome != "Passed"]
    if not gates:
        return "no evidence has been read yet"
    if not open_:
        return "all gates have passed"
    return "; ".join(f"gate {gate.name} {gate.outcome}: {gate.message}" for gate in open_)


def _portion(rollout: Rollout, candidate: RevisionStatus) -> int:
    """Return the share that the ready pods of a returning revision can carry already."""
    stable = rollout.stable.ready if rollout.stable else 0
    return candidate_share(ALL, stable, candidate.ready, rollout.wanted)


def _share(weight: int) -> str:
    return "all traffic" if weight == ALL else f"{weight} % of the traffic"
