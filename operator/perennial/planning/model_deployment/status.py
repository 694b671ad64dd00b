"""The status of a ModelDeployment after a step."""

from perennial.api import conditions
from perennial.api.conditions import Findings
from perennial.api.model_deployment import Address, ModelDeploymentStatus, RevisionStatus, Rolled
from perennial.api.rollout_status import DecisionRecord, RejectedRevision
from perennial.planning.model_deployment.decided import recorded
from perennial.planning.model_deployment.deployment import pod_selector
from perennial.planning.model_deployment.former import newest_former
from perennial.planning.model_deployment.rejections import newest
from perennial.planning.model_deployment.rollout import Rollout, means_of
from perennial.planning.model_deployment.services import address
from perennial.planning.model_deployment.stages import strategy_in_force
from perennial.planning.model_deployment.step import Step
from perennial.planning.model_deployment.traffic import Traffic, shift_after, traffic_of

_REMEMBERED = 10


def status_after(rollout: Rollout, step: Step, findings: Findings) -> ModelDeploymentStatus:
    """Return the whole new status."""
    observed = rollout.observed
    before = observed.status
    url = Address(url=address(observed.name, observed.namespace)) if step.stable else None
    traffic = traffic_of(rollout, step)
    return ModelDeploymentStatus(
        observed_generation=observed.generation,
        stable=_weighed(step.serving, traffic),
        candidate=_weighed(step.coming, traffic),
        former=_weighed(step.stable, traffic) if step.is_watching else newest_former(rollout, step),
        strategy=strategy_in_force(observed.spec.rollout, means_of(observed)),
        rollout=step.progress,
        shift=shift_after(rollout, traffic),
        rejected=_rejected(rollout, step),
        decisions=_decisions(rollout, step),
        overridden=step.overridden or (None if step.progress else before.overridden),
        history=_history(rollout, step.serving),
        address=url or before.address,
        replicas=sum(running.pods for running in observed.running.values()),
        selector=pod_selector(observed.name),
        conditions=conditions.merge(before.conditions, findings, observed.generation, observed.now),
    )


def _rejected(rollout: Rollout, step: Step) -> tuple[RejectedRevision, ...]:
    new = (step.rejection,) if step.rejection else ()
    known = newest((*new, *rollout.rejected.values()))
    return tuple(each for of, each in known.items() if of != step.lifted)


def _decisions(rollout: Rollout, step: Step) -> tuple[DecisionRecord, ...]:
    acted = (step.decision,) if step.decision else ()
    known = rollout.observed.status.decisions
    return recorded(known, (*acted, *rollout.due.refusals), rollout.observed.decisions)


def _weighed(revision: RevisionStatus | None, traffic: Traffic | None) -> RevisionStatus | None:
    if revision is None:
        return None
    weight = traffic.weights.get(revision.revision, 0) if traffic else 0
    return revision.model_copy(update={"weight": weight})


def _history(rollout: Rollout, stable: RevisionStatus | None) -> tuple[Rolled, ...]:
    """Return the rollouts that ended; the first one ends when its address has answered."""
    before = rollout.observed.status.history
    recorded = before[0].revision if before else None
    if stable is None or not rollout.proven or stable.revision == recorded:
        return before
    newest = Rolled(version=stable.version, revision=stable.revision, at=stable.since)
    return (newest, *before)[:_REMEMBERED]
