"""Checks of the target: while it serves, and before it begins to grow."""

from datetime import datetime, timedelta

from perennial.api import conditions
from perennial.api.conditions import ConditionType
from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import Progress, SpecReason
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.revision import Definition
from perennial.planning.model_deployment.roles import revision_status
from perennial.planning.model_deployment.rollout import Rollout, means_of
from perennial.planning.model_deployment.services import address
from perennial.planning.model_deployment.stages import is_watching, refusal
from perennial.planning.model_deployment.step import Step
from perennial.planning.model_deployment.traffic import is_in_force, traffic_of

_PROBE_INTERVAL = timedelta(milliseconds=500)
_LATE_PROBE_INTERVAL = timedelta(seconds=5)


def scaled_to_zero(rollout: Rollout, _: object) -> Step | None:
    """No pods are wanted, so nothing can be proven: a rollout waits for the first pod."""
    if rollout.wanted:
        return None
    message = "scaled to zero: set spec.replicas above 0 to serve"
    return Step(conditions.ready(Progress.SCALED_TO_ZERO, message), rollout.stable)


def never_answered(rollout: Rollout, stable: RevisionStatus) -> Step | None:
    """The first revision has ready pods and the traffic, but its address has never answered."""
    if rollout.proven or not stable.ready:
        return None
    url = address(rollout.observed.name, rollout.observed.namespace)
    message = f"{messages.state(rollout, stable)}, but {url} has not answered yet"
    if rollout.observed.answers:
        message = f"{messages.state(rollout, stable)}; {messages.unproven(rollout)}"
    if rollout.left(stable.since) <= timedelta(0):
        findings = messages.out_of_time(rollout, message)
        return Step(findings, stable, requeue_after=_LATE_PROBE_INTERVAL)
    findings = messages.under_way(rollout, Progress.SHIFTING, message)
    return Step(findings, stable, requeue_after=_PROBE_INTERVAL)


def unsupported(rollout: Rollout, _: object) -> Step | None:
    """The data plane cannot express the strategy, its steps or the route."""
    observed = rollout.observed
    message = refusal(observed.spec, means_of(observed)) or observed.expression_problem
    if message is None:
        return None
    return Step(conditions.stalled(SpecReason.UNSUPPORTED, message), rollout.stable)


def route_unproven(rollout: Rollout, stable: RevisionStatus) -> Step | None:
    """The Gateway is not proven to send all traffic to the stable revision."""
    traffic = traffic_of(rollout, Step({}, stable))
    if traffic is None or not rollout.is_routed or is_in_force(rollout, traffic):
        return None
    message = f"{stable.version}: {messages.unproven(rollout)}"
    shift = rollout.observed.status.shift
    if shift and shift.wanted == traffic.digest and rollout.left(shift.at) <= timedelta(0):
        return Step(messages.out_of_time(rollout, message), stable)
    return Step(messages.under_way(rollout, Progress.SHIFTING, message), stable)


def target_serves(rollout: Rollout, stable: RevisionStatus) -> Step | None:
    """All pods of the target answer."""
    if stable.ready < rollout.wanted:
        return None
    return Step(messages.serving(rollout, stable), stable)


def target_lacks_pods(rollout: Rollout, stable: RevisionStatus) -> Step:
    """Some pods of the target do not answer."""
    message = messages.state(rollout, stable)
    left = rollout.left(max(stable.since, _not_ready_since(rollout.observed)))
    if left <= timedelta(0):
        return Step(messages.out_of_time(rollout, message), stable)
    otherwise = Progress.SCALING if rollout.user_initiated else Progress.SERVER_NOT_READY
    reason = messages.reason(rollout, stable, otherwise)
    return Step(messages.held_up(rollout, reason, message), stable, requeue_after=left)


def paused(rollout: Rollout, target: Definition | RevisionStatus) -> Step | None:
    """A rollout is due or in progress, and must go no further."""
    progress = rollout.progress
    by_decision = progress is not None and progress.paused
    if is_watching(progress) or not (rollout.observed.spec.paused or by_decision):
        return None
    if by_decision:
        message = f"a Decision paused the rollout of {target.version}: create one with Resume"
        findings = messages.under_way(rollout, Progress.PAUSED, message)
        return Step(findings, rollout.stable, rollout.candidate, progress=progress)
    message = f"paused before {target.version}: set spec.paused to false to go on"
    findings = messages.under_way(rollout, Progress.PAUSED, message)
    return Step(findings, rollout.stable, rollout.candidate, progress=rollout.progress)


def target_changed(rollout: Rollout, target: Definition) -> Step:
    """The target begins to grow; another candidate that was still growing is given up."""
    candidate = revision_status(rollout.observed, rollout.definitions, target.revision, rollout.now)
    findings = messages.under_way(rollout, Progress.STARTING, f"{target.version} starts")
    progress = rollout.begin(target.revision) if rollout.stable else None
    return Step(findings, rollout.stable, candidate, timedelta(0), progress)


def _not_ready_since(observed: Observed) -> datetime:
    ready = (each for each in observed.status.conditions if each.type == ConditionType.READY)
    return next(
        (each.last_transition_time for each in ready if each.status != "True"), observed.now
    )
