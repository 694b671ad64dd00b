"""What ends a stage of a rollout, and the stage that follows."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from perennial.api.model_deployment import RevisionStatus
from perennial.api.rollout_status import RolloutStatus, Stage
from perennial.api.times import to_timedelta
from perennial.planning.model_deployment.checks.verdict import (
    is_undecided,
    required_gates,
)
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.stages import (
    is_last,
    is_watching,
    pause_of_step,
    weight_before,
    weight_of_step,
)
from perennial.planning.model_deployment.step import Step
from perennial.planning.model_deployment.traffic import (
    enough,
    is_in_force,
    pods_of_step,
    traffic_of,
)

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


def end_of_watch(progress: RolloutStatus) -> datetime:
    """Return when the watch ends."""
    duration = to_timedelta(progress.watch.duration) if progress.watch else timedelta(0)
    return progress.stage_since + duration
