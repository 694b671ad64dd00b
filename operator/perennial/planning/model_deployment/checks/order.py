"""The phases of a rollout, and the checks of each in order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from perennial.api import conditions
from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import SpecReason
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.checks.by_decision import decided
from perennial.planning.model_deployment.checks.candidate import (
    candidate_blocked,
    candidate_grows,
    candidate_out_of_time,
    is_ready_to_serve,
    stands_in,
    stood_in,
)
from perennial.planning.model_deployment.checks.stage import (
    analyzing,
    growing,
    pausing,
    shifting,
    watching,
)
from perennial.planning.model_deployment.checks.target import (
    never_answered,
    paused,
    route_unproven,
    scaled_to_zero,
    target_changed,
    target_lacks_pods,
    target_serves,
    unsupported,
)
from perennial.planning.model_deployment.checks.transitions import TRANSITIONS, promoted
from perennial.planning.model_deployment.checks.verdict import known_bad, verdict
from perennial.planning.model_deployment.revision import Definition
from perennial.planning.model_deployment.roles import is_returning
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.served_version import Missing
from perennial.planning.model_deployment.stages import is_watching
from perennial.planning.model_deployment.step import Step

T = TypeVar("T")


def decide(rollout: Rollout) -> Step:
    """Return the next step, by the first check that applies in the phase of the rollout."""
    if first := decided(rollout) or verdict(rollout):
        return first
    candidate = rollout.candidate
    if candidate and is_watching(rollout.progress) and _ends_watch(rollout, candidate):
        return decide(promoted(rollout, candidate))
    return _in_phase(rollout)


def _in_phase(rollout: Rollout) -> Step:
    """A candidate that is given up keeps its traffic as long as it alone has ready pods."""
    step, stable, candidate = _by_target(rollout), rollout.stable, rollout.candidate
    if candidate is None or candidate.revision in rollout.rejected or step.candidate:
        return step
    if stable is None or step.stable != stable or not stands_in(rollout, candidate):
        return step
    if isinstance(rollout.target, Definition) and rollout.target.revision == stable.revision:
        step = target_lacks_pods(rollout, stable)
    return replace(step, candidate=candidate, progress=rollout.progress)


def _by_target(rollout: Rollout) -> Step:
    target, stable, candidate = rollout.target, rollout.stable, rollout.candidate
    if candidate and is_returning(rollout.observed, rollout.rejected, (stable, candidate)):
        return _in_progress(rollout, candidate)
    if isinstance(target, Missing):
        return _nothing_to_serve(rollout, target)
    if stable is not None and stable.revision == target.revision:
        return _first(SETTLED, rollout, stable)
    if target.revision in rollout.rejected:
        return _first(REJECTED, rollout, target)
    if candidate is not None and candidate.revision == target.revision:
        return _in_progress(rollout, candidate)
    return _due(rollout, target)


def _due(rollout: Rollout, target: Definition) -> Step:
    """Another target begins. The rollout of a rejected candidate is over, whatever holds this."""
    candidate = rollout.candidate
    if candidate and candidate.revision in rollout.rejected:
        return _first(DUE, replace(rollout, candidate=None, progress=None), target)
    if candidate and stands_in(rollout, candidate):
        return stood_in(rollout, candidate) or decide(promoted(rollout, candidate))
    return _first(DUE, rollout, target)


def _ends_watch(rollout: Rollout, candidate: RevisionStatus) -> bool:
    """Return whether a watch ends early: another target begins from what has the traffic."""
    if candidate.revision in rollout.rejected:
        return False
    target = rollout.target
    is_target = isinstance(target, Definition) and target.revision == candidate.revision
    return not is_target or rollout.wanted == 0


def _first(checks: Sequence[Callable[[Rollout, T], Step | None]], rollout: Rollout, of: T) -> Step:
    return next(step for check in checks if (step := check(rollout, of)))


def _in_progress(rollout: Rollout, candidate: RevisionStatus) -> Step:
    if rollout.stable is None:
        return _first(IN_PROGRESS, rollout, candidate)
    progress = rollout.progress or rollout.begin(candidate.revision)
    if progress is None:
        return _first(IN_PROGRESS, rollout, candidate)
    return _first(IN_STAGES, replace(rollout, progress=progress), candidate)


def _nothing_to_serve(rollout: Rollout, missing: Missing) -> Step:
    """No version may be served; the revision that serves goes on."""
    if missing.reason is SpecReason.KNOWN_BAD:
        return Step(conditions.stalled(missing.reason, missing.message), rollout.stable)
    return Step(messages.held_up(rollout, missing.reason, missing.message), rollout.stable)


def candidate_ready(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """The candidate takes the traffic, which settles the rollout."""
    if not is_ready_to_serve(rollout, candidate):
        return None
    stable = candidate.model_copy(update={"since": rollout.now})
    return decide(replace(rollout, stable=stable, candidate=None))


def stage_over(rollout: Rollout, candidate: RevisionStatus) -> Step | None:
    """The stage has ended: the rollout goes on with the next one, or is settled."""
    changed = (transition(rollout, candidate) for transition in TRANSITIONS)
    following = next((each for each in changed if each), None)
    return decide(following) if following else None


SETTLED: tuple[Callable[[Rollout, RevisionStatus], Step | None], ...] = (
    scaled_to_zero,
    never_answered,
    unsupported,
    route_unproven,
    target_serves,
    target_lacks_pods,
)
"""Checks of the stable revision, which is the target. The last one always applies."""

DUE: tuple[Callable[[Rollout, Definition], Step | None], ...] = (
    scaled_to_zero,
    unsupported,
    paused,
    target_changed,
)
"""Checks of a target that has not begun to grow. The last one always applies."""

REJECTED: tuple[Callable[[Rollout, Definition], Step | None], ...] = (
    scaled_to_zero,
    known_bad,
)
"""Checks of a target that failed a rollout. The last one always applies."""

IN_PROGRESS: tuple[Callable[[Rollout, RevisionStatus], Step | None], ...] = (
    scaled_to_zero,
    paused,
    candidate_ready,
    candidate_out_of_time,
    candidate_blocked,
    candidate_grows,
)
"""Checks of the candidate, which is the target. The last one always applies."""

IN_STAGES: tuple[Callable[[Rollout, RevisionStatus], Step | None], ...] = (
    scaled_to_zero,
    paused,
    stage_over,
    watching,
    growing,
    shifting,
    analyzing,
    pausing,
)
"""Checks of a candidate that takes the traffic in stages. The last one always applies."""
