"""How a revision reaches the users: it grows, takes the traffic once proven, the old one drains."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from perennial.api import conditions
from perennial.api.conditions import ConditionType, Findings
from perennial.api.model_deployment import Address, ModelDeploymentStatus, RevisionStatus, Rolled
from perennial.api.reasons import Progress
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.deployment import pod_selector
from perennial.planning.model_deployment.objects import objects, retired, until_drained
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.revision import Definition
from perennial.planning.model_deployment.rollout import Rollout, assess, standing
from perennial.planning.model_deployment.served_version import Missing
from perennial.planning.model_deployment.services import address
from perennial.planning.plan import Plan

_AT_ONCE = timedelta(0)
_ASK_AGAIN = timedelta(milliseconds=500)
_REMEMBERED = 10


@dataclass(frozen=True, slots=True)
class Step:
    """What is to live from now on, which of it has the traffic, and what to say."""

    findings: Findings
    stable: RevisionStatus | None
    candidate: RevisionStatus | None = None
    requeue_after: timedelta | None = None


Check = Callable[[Rollout], Step | None]


def nothing_to_serve(rollout: Rollout) -> Step | None:
    """There is no version that may be served; what serves goes on."""
    if isinstance(rollout.target, Missing):
        missing = rollout.target
        return Step(messages.held_up(rollout, missing.reason, missing.message), rollout.stable)
    return None


def scaled_to_zero(rollout: Rollout) -> Step | None:
    """Nobody is to answer, so nothing can be proven: a rollout waits for the first pod."""
    if rollout.wanted:
        return None
    message = "scaled to zero: set spec.replicas above 0 to serve"
    return Step(conditions.ready(Progress.SCALED_TO_ZERO, message), rollout.stable)


def never_answered(rollout: Rollout) -> Step | None:
    """The first revision has the traffic and pods that are ready; its address is still silent."""
    stable = rollout.stable
    if stable is None or rollout.proven or not rollout.is_target(stable) or not stable.ready:
        return None
    url = address(rollout.observed.name, rollout.observed.namespace)
    said = f"{messages.state(rollout, stable)}, but {url} has not answered yet"
    if rollout.left(stable.since) <= timedelta(0):
        return Step(messages.out_of_time(rollout, said), stable, requeue_after=10 * _ASK_AGAIN)
    findings = messages.under_way(rollout, Progress.SHIFTING, said)
    return Step(findings, stable, requeue_after=_ASK_AGAIN)


def target_serves(rollout: Rollout) -> Step | None:
    """The wanted revision has the traffic, and all its pods answer."""
    stable = rollout.stable
    if stable is None or not rollout.is_target(stable) or stable.ready < rollout.wanted:
        return None
    return Step(messages.serving(rollout, stable), stable)


def target_lacks_pods(rollout: Rollout) -> Step | None:
    """The wanted revision has the traffic, and not all its pods answer."""
    stable = rollout.stable
    if stable is None or not rollout.is_target(stable):
        return None
    said = messages.state(rollout, stable)
    left = rollout.left(max(stable.since, _not_ready_since(rollout.observed)))
    if left <= timedelta(0):
        return Step(messages.out_of_time(rollout, said), stable)
    otherwise = Progress.SCALING if rollout.asked else Progress.SERVER_NOT_READY
    reason = messages.reason(rollout, stable, otherwise)
    return Step(messages.held_up(rollout, reason, said), stable, requeue_after=left)


def paused(rollout: Rollout) -> Step | None:
    """A rollout is due or under way, and is to go no further."""
    if not rollout.observed.spec.paused:
        return None
    message = f"paused before {_target(rollout).version}: set spec.paused to false to go on"
    findings = messages.under_way(rollout, Progress.PAUSED, message)
    return Step(findings, rollout.stable, rollout.candidate)


def target_changed(rollout: Rollout) -> Step | None:
    """Another revision than the one that serves, if any does, is wanted; nothing grows yet."""
    return _begin(rollout) if not rollout.candidate else None


def superseded(rollout: Rollout) -> Step | None:
    """Yet another revision is wanted before the last one was done: that one is given up."""
    return _begin(rollout) if not rollout.is_target(rollout.candidate) else None


def candidate_ready(rollout: Rollout) -> Step | None:
    """The candidate can take the traffic; where nobody answers, its first pod is better."""
    candidate, stable = _candidate(rollout), rollout.stable
    enough = rollout.wanted if stable and stable.ready else 1
    if candidate.ready < enough:
        return None
    taken_over = candidate.model_copy(update={"since": _whole_second(rollout.observed.now)})
    return decide(replace(rollout, stable=taken_over, candidate=None))


def candidate_out_of_time(rollout: Rollout) -> Step | None:
    """The candidate should have been ready by now; it may still become so."""
    candidate = _candidate(rollout)
    if rollout.left(candidate.since) > timedelta(0):
        return None
    said = f"{candidate.version}: {messages.state(rollout, candidate)}"
    return Step(messages.out_of_time(rollout, said), rollout.stable, candidate)


def candidate_blocked(rollout: Rollout) -> Step | None:
    """Something keeps the candidate's pods from answering."""
    candidate = _candidate(rollout)
    blocker = rollout.blocker(candidate)
    if blocker is None:
        return None
    said = f"{candidate.version}: {messages.state(rollout, candidate)}"
    findings = messages.held_up(rollout, blocker.reason, said)
    return Step(findings, rollout.stable, candidate, rollout.left(candidate.since))


def candidate_grows(rollout: Rollout) -> Step | None:
    """The candidate's pods are starting."""
    candidate = _candidate(rollout)
    said = f"{candidate.version}: {messages.state(rollout, candidate)}"
    findings = messages.under_way(rollout, Progress.STARTING, said)
    return Step(findings, rollout.stable, candidate, rollout.left(candidate.since))


CHECKS: tuple[Check, ...] = (
    nothing_to_serve,
    scaled_to_zero,
    never_answered,
    target_serves,
    target_lacks_pods,
    paused,
    target_changed,
    superseded,
    candidate_ready,
    candidate_out_of_time,
    candidate_blocked,
    candidate_grows,
)


def plan(observed: Observed) -> Plan[ModelDeploymentStatus]:
    """Return the next step of a ModelDeployment."""
    rollout = assess(observed)
    step = decide(rollout)
    findings = {**step.findings, **messages.availability(rollout, step.stable)}
    actions = (
        *objects(rollout, step.stable, step.candidate),
        *messages.events(rollout, step.stable, step.candidate, findings),
    )
    return Plan(_status(rollout, step, findings), actions, _requeue_after(rollout, step))


def decide(rollout: Rollout) -> Step:
    """Return what the first check that applies says; the last one always does."""
    return next(step for check in CHECKS if (step := check(rollout)))


def _begin(rollout: Rollout) -> Step:
    target, observed = _target(rollout), rollout.observed
    since = _whole_second(observed.now)
    candidate = standing(observed, rollout.definitions, target.revision, since)
    findings = messages.under_way(rollout, Progress.STARTING, f"{target.version} starts")
    return Step(findings, rollout.stable, candidate, requeue_after=_AT_ONCE)


def _target(rollout: Rollout) -> Definition:
    if isinstance(rollout.target, Missing):  # nothing_to_serve would have applied
        raise TypeError(rollout.target.message)
    return rollout.target


def _candidate(rollout: Rollout) -> RevisionStatus:
    if rollout.candidate is None:  # target_changed would have applied
        raise TypeError("no candidate")
    return rollout.candidate


def _status(rollout: Rollout, step: Step, findings: Findings) -> ModelDeploymentStatus:
    observed = rollout.observed
    before = observed.status
    url = Address(url=address(observed.name, observed.namespace)) if step.stable else None
    return ModelDeploymentStatus(
        observed_generation=observed.generation,
        stable=step.stable,
        candidate=step.candidate,
        history=_history(rollout, step.stable),
        address=url or before.address,
        replicas=sum(running.pods for running in observed.running.values()),
        selector=pod_selector(observed.name),
        conditions=conditions.merge(before.conditions, findings, observed.generation, observed.now),
    )


def _history(rollout: Rollout, stable: RevisionStatus | None) -> tuple[Rolled, ...]:
    """Return the rollouts that ended; the first one ends when its address has answered."""
    before = rollout.observed.status.history
    recorded = before[0].revision if before else None
    if stable is None or not rollout.proven or stable.revision == recorded:
        return before
    newest = Rolled(version=stable.version, revision=stable.revision, at=stable.since)
    return (newest, *before)[:_REMEMBERED]


def _requeue_after(rollout: Rollout, step: Step) -> timedelta | None:
    observed, stable = rollout.observed, step.stable
    if stable is None or not retired(observed, stable, step.candidate):
        return step.requeue_after
    drained = until_drained(observed, stable)
    pauses = [pause for pause in (drained, step.requeue_after) if pause is not None]
    return min((pause for pause in pauses if pause >= _AT_ONCE), default=None)


def _not_ready_since(observed: Observed) -> datetime:
    ready = (each for each in observed.status.conditions if each.type == ConditionType.READY)
    return next(
        (each.last_transition_time for each in ready if each.status != "True"), observed.now
    )


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
