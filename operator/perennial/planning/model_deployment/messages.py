"""Conditions and Events of a rollout: what serves, what is in progress, what is in the way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from perennial.api import conditions
from perennial.api.conditions import ConditionType, Finding, Findings
from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import Progress
from perennial.planning.announcements import announcements
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.plan import PostEvent

AT_ONCE: Final = timedelta(0)


def under_way(rollout: Rollout, reason: str, message: str) -> Findings:
    """Return the findings of progress; a version that arrived by itself is no news for the user."""
    if rollout.user_initiated or rollout.stable is None:
        return conditions.reconciling(reason, message)
    return serving(rollout, rollout.stable)


def held_up(rollout: Rollout, reason: str, message: str) -> Findings:
    """Return the findings of a cause that may pass by itself."""
    if rollout.user_initiated or rollout.stable is None:
        return conditions.reconciling(reason, message)
    return conditions.degraded(serving(rollout, rollout.stable), reason, message)


def out_of_time(rollout: Rollout, cause: str) -> Findings:
    """Return the findings of a rollout past its progress deadline, which goes on all the same."""
    deadline = rollout.observed.spec.rollout.progress_deadline
    message = f"not done after {deadline}; it continues once this is fixed: {cause}"
    if rollout.user_initiated or rollout.stable is None or not rollout.stable.ready:
        return conditions.stalled(Progress.PROGRESS_DEADLINE_EXCEEDED, message)
    return held_up(rollout, Progress.PROGRESS_DEADLINE_EXCEEDED, message)


def serving(rollout: Rollout, stable: RevisionStatus) -> Findings:
    """Return the findings of a revision that serves."""
    message = f"{stable.version}: {state(rollout, stable)}"
    if stable.ready or not rollout.wanted:
        return conditions.ready(Progress.SERVING, message)
    return {ConditionType.READY: Finding("False", reason(rollout, stable), message)}


def availability(
    rollout: Rollout, stable: RevisionStatus | None, candidate: RevisionStatus | None
) -> Findings:
    """Return whether a request would be answered now."""
    in_stages = candidate is not None and rollout.progress is not None
    if stable is None:
        found = Finding("False", Progress.STARTING, "no revision has the traffic yet")
    elif not rollout.wanted:
        found = Finding("False", Progress.SCALED_TO_ZERO, "scaled to zero")
    elif not rollout.proven:
        found = Finding("False", Progress.SHIFTING, "the address has not answered yet")
    elif not stable.ready and candidate and candidate.ready and in_stages:
        found = Finding("True", Progress.SERVING, f"{candidate.version} answers")
    elif not stable.ready:
        found = Finding("False", reason(rollout, stable), state(rollout, stable))
    else:
        found = Finding("True", Progress.SERVING, f"{stable.version} answers")
    return {ConditionType.AVAILABLE: found}


def reason(
    rollout: Rollout, revision: RevisionStatus, otherwise: str = Progress.SERVER_NOT_READY
) -> str:
    """Return the reason why pods of a revision do not answer."""
    blocker = rollout.blocker(revision)
    return blocker.reason if blocker else otherwise


def state(rollout: Rollout, revision: RevisionStatus) -> str:
    """Return how many of all wanted pods are ready, and what keeps the others from it."""
    return state_of(rollout, revision, rollout.wanted)


def state_of(rollout: Rollout, revision: RevisionStatus, pods: int) -> str:
    """Return how many of these pods of a revision are ready, and what keeps the others from it."""
    counted = f"{revision.ready} of {pods} pods are ready"
    blocker = rollout.blocker(revision)
    return f"{counted}; {blocker.message}" if blocker else counted


def unproven(rollout: Rollout) -> str:
    """Return what a shift waits for: the Gateway of the route, or the address Service."""
    observed = rollout.observed
    route = observed.spec.route
    if route is None or not rollout.is_routed:
        return "waiting for the Service to be updated"
    parent = route.parent_ref
    gateway = f"{parent.namespace or observed.namespace}/{parent.name}"
    problem = f" ({observed.route.problem})" if observed.route and observed.route.problem else ""
    return (
        f"waiting for Gateway {gateway} to use the new weights{problem}; no pod is removed before"
    )


def events(
    rollout: Rollout,
    stable: RevisionStatus | None,
    candidate: RevisionStatus | None,
    findings: Findings,
) -> Iterator[PostEvent]:
    """Yield an Event for each change."""
    before = rollout.observed.status
    left = before.candidate
    if left and before.rollout and not any(_same(each, left) for each in (stable, candidate)):
        share = f"at {left.weight or 0} % of the traffic"
        if left.revision in rollout.rejected:
            yield PostEvent(
                "Warning", Progress.ROLLED_BACK, f"{left.version} is rolled back {share}"
            )
        else:
            yield PostEvent("Normal", Progress.SUPERSEDED, f"{left.version} is superseded {share}")
    if candidate and not _same(candidate, before.candidate):
        yield PostEvent("Normal", Progress.STARTING, f"{candidate.version} starts")
    if stable and not _same(stable, before.stable):
        yield PostEvent("Normal", Progress.SHIFTING, f"{stable.version} has the traffic")
    yield from announcements(before.conditions, findings)


def _same(revision: RevisionStatus | None, before: RevisionStatus | None) -> bool:
    return bool(revision and before and before.revision == revision.revision)
