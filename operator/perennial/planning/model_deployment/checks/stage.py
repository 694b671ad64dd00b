"""Checks of a candidate whose rollout has stages: it grows, its traffic shifts, and it pauses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from perennial.api import conditions
from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import Progress
from perennial.api.rollout_status import RolloutGate, RolloutStatus, Stage
from perennial.api.times import to_timedelta, to_timestamp
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.analysis import longest_step
from perennial.planning.model_deployment.checks.verdict import (
    has_time_left,
    is_undecided,
    required_gates,
)
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.stages import (
    ALL,
    is_last,
    is_watching,
    pause_of_step,
    waits_for_decision,
    weight_before,
    weight_of_step,
)
from perennial.planning.model_deployment.step import Step
from perennial.planning.model_deployment.traffic import (
    candidate_share,
    enough,
    is_in_force,
    pods_of_step,
    traffic_of,
)
from perennial.planning.plan import soonest

_FIRST_DATA: Final = timedelta(minutes=1)
"""How long the first samples of a step may take."""
_ENDPOINTS_SETTLE: Final = timedelta(seconds=2)
"""How long pods must be ready before a route names them: their endpoints follow a little later."""


def progress_of(rollout: Rollout) -> RolloutStatus:
    """Return how far a rollout in stages is."""
    if rollout.progress is None:
        raise ValueError("this rollout has no stages")
    return rollout.progress


def lost_pods(rollout: Rollout, candidate: RevisionStatus) -> Rollout | None:
    """Return a rollout that grows again where the candidate lost pods that its step needs."""
    progress = progress_of(rollout)
    if progress.stage == "Growing" or has_enough(rollout, candidate, progress):
        return None
    return at_stage(rollout, "Growing", weight=weight_before(progress))


def grown(rollout: Rollout, candidate: RevisionStatus) -> Rollout | None:
    """Return a rollout that shifts traffic where the candidate has the pods of its step."""
    progress = progress_of(rollout)
    if progress.stage != "Growing" or not has_enough(rollout, candidate, progress):
        return None
    if until_routable(rollout, candidate) > timedelta(0):
        return None
    if is_last(progress) and not rollout.is_routed:
        return taken_over(rollout, candidate)
    if not rollout.is_routed and has_other_pods(rollout):
        return None
    return at_stage(rollout, "Shifting", weight=weight_of_step(progress))


def shifted(rollout: Rollout, candidate: RevisionStatus) -> Rollout | None:
    """Return a rollout that pauses, or is over, where the shift is proven."""
    progress = progress_of(rollout)
    if progress.stage != "Shifting" or not is_shift_in_force(rollout):
        return None
    if is_last(progress):
        return taken_over(rollout, candidate)
    return (
        at_stage(rollout, "Pausing") if progress.analysis is None else judged(rollout, "Analyzing")
    )


def watched(rollout: Rollout, candidate: RevisionStatus) -> Rollout | None:
    """Return a rollout that is over where the watch has ended."""
    progress = progress_of(rollout)
    if not is_watching(progress) or rollout.observed.now < end_of_watch(progress):
        return None
    return promoted(rollout, candidate)


def analyzed(rollout: Rollout, _: RevisionStatus) -> Rollout | None:
    """Return a rollout that grows for the next step where the gates have passed."""
    progress = progress_of(rollout)
    if progress.stage != "Analyzing" or rollout.observed.now < end_of_pause(progress):
        return None
    if not (_has_passed(rollout, progress) or _may_pass(rollout, progress)):
        return None
    return at_stage(rollout, "Growing", step=progress.step + 1)


def paused_long_enough(rollout: Rollout, _: RevisionStatus) -> Rollout | None:
    """Return a rollout that grows for the next step where the pause is over."""
    progress = progress_of(rollout)
    if progress.stage != "Pausing" or rollout.observed.now < end_of_pause(progress):
        return None
    return at_stage(rollout, "Growing", step=progress.step + 1)


TRANSITIONS: Final = (lost_pods, grown, shifted, analyzed, paused_long_enough, watched)
"""What ends a stage. Each leads to a rollout in another stage."""


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


def at_stage(rollout: Rollout, stage: Stage, **changed: Any) -> Rollout:  # noqa: ANN401 - fields
    """Return the same rollout at the beginning of another stage."""
    update = {"stage": stage, "stage_since": rollout.now, **changed}
    return replace(rollout, progress=progress_of(rollout).model_copy(update=update))


def judged(rollout: Rollout, stage: Stage, **changed: Any) -> Rollout:  # noqa: ANN401 - fields
    """Return the same rollout at a stage whose evidence begins, unless it has begun before."""
    progress = progress_of(rollout)
    starts = progress.step_starts
    if len(starts) < min(progress.step, len(progress.steps) + 1):
        starts = (*starts, rollout.now)
    # Gates that have passed answer for the step before.
    begun = at_stage(rollout, stage, step_starts=starts, **changed)
    return replace(begun, is_judged=False)


def taken_over(rollout: Rollout, candidate: RevisionStatus) -> Rollout:
    """Return the rollout after all traffic has moved: watched, or over."""
    progress = progress_of(rollout)
    if progress.watch is None:
        return promoted(rollout, candidate)
    since = candidate.model_copy(update={"since": rollout.now})
    weight = weight_of_step(progress)
    return replace(judged(rollout, "Watching", weight=weight), candidate=since)


def promoted(rollout: Rollout, candidate: RevisionStatus) -> Rollout:
    """Return the rollout after the candidate became stable."""
    stable = candidate.model_copy(update={"since": rollout.now})
    return replace(rollout, stable=stable, candidate=None, progress=None)


def has_enough(rollout: Rollout, candidate: RevisionStatus, progress: RolloutStatus) -> bool:
    """Return whether the candidate has enough ready pods for its step."""
    return candidate.ready >= enough(pods_of_step(rollout, progress))


def has_other_pods(rollout: Rollout) -> bool:
    """Return whether a revision that drains still has pods: a shared Service would choose them."""
    live = {each.revision for each in (rollout.stable, rollout.candidate) if each}
    running = rollout.observed.running
    return any(each.wanted or each.ready for of, each in running.items() if of not in live)


def is_shift_in_force(rollout: Rollout) -> bool:
    """Return whether the weights of the current step are in force."""
    step = Step({}, rollout.stable, rollout.candidate, progress=rollout.progress)
    traffic = traffic_of(rollout, step)
    return traffic is not None and is_in_force(rollout, traffic)


def until_routable(rollout: Rollout, candidate: RevisionStatus) -> timedelta:
    """Return the time until a route can name the youngest ready pods."""
    running = rollout.observed.running.get(candidate.revision)
    if not rollout.is_routed or running is None or running.ready_since is None:
        return timedelta(0)
    return running.ready_since + _ENDPOINTS_SETTLE - rollout.observed.now


def end_of_pause(progress: RolloutStatus) -> datetime:
    """Return when the pause of the current step ends."""
    return progress.stage_since + pause_of_step(progress)


def _has_passed(rollout: Rollout, progress: RolloutStatus) -> bool:
    is_judged = rollout.is_judged and bool(progress.gates)
    return is_judged and all(gate.outcome == "Passed" for gate in required_gates(progress))


def _may_pass(rollout: Rollout, progress: RolloutStatus) -> bool:
    """Return whether a step without a result is passed by its rules; without data it never is."""
    rules = progress.analysis
    wanted = rules is not None and rules.on_inconclusive == "Promote"
    return wanted and is_undecided(rollout, progress)


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


def end_of_watch(progress: RolloutStatus) -> datetime:
    """Return when the watch ends."""
    duration = to_timedelta(progress.watch.duration) if progress.watch else timedelta(0)
    return progress.stage_since + duration


def _portion(rollout: Rollout, candidate: RevisionStatus) -> int:
    """Return the share that the ready pods of a returning revision can carry already."""
    stable = rollout.stable.ready if rollout.stable else 0
    return candidate_share(ALL, stable, candidate.ready, rollout.wanted)


def _share(weight: int) -> str:
    return "all traffic" if weight == ALL else f"{weight} % of the traffic"
