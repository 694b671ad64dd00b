"""How a revision reaches users: it grows, takes the traffic once proven, and the old one drains."""

from datetime import timedelta

from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.checks.order import decide
from perennial.planning.model_deployment.objects import objects, retired, until_drained
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.rollout import Rollout, assess
from perennial.planning.model_deployment.status import status_after
from perennial.planning.model_deployment.step import Step
from perennial.planning.plan import Plan, soonest


def plan(observed: Observed) -> Plan[ModelDeploymentStatus]:
    """Return the next step of a ModelDeployment."""
    rollout = assess(observed)
    step = decide(rollout)
    findings = {**step.findings, **messages.availability(rollout, step.stable)}
    actions = (
        *objects(rollout, step.stable, step.candidate),
        *messages.events(rollout, step.stable, step.candidate, findings),
    )
    return Plan(status_after(rollout, step, findings), actions, _requeue_after(rollout, step))


def _requeue_after(rollout: Rollout, step: Step) -> timedelta | None:
    """Return the time until the next step or the end of a drain, whichever is sooner."""
    observed, stable = rollout.observed, step.stable
    if stable is None or not retired(observed, stable, step.candidate):
        return step.requeue_after
    drained = until_drained(observed, stable)
    # A drain that is over waits for pods that alone still answer: their Deployment is watched.
    return soonest(step.requeue_after, drained if drained >= timedelta(0) else None)
