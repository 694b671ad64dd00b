"""How a revision reaches users: it grows, takes the traffic once proven, and the old one drains."""

from collections.abc import Iterator
from datetime import timedelta

from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.api.reasons import Progress
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.analysis import question_of
from perennial.planning.model_deployment.checks.order import decide
from perennial.planning.model_deployment.objects import leaving, objects, until_drained
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.question import Question
from perennial.planning.model_deployment.rollout import Rollout, assess
from perennial.planning.model_deployment.status import status_after
from perennial.planning.model_deployment.step import Step
from perennial.planning.model_deployment.traffic import (
    is_in_force,
    next_probe,
    shift_after,
    traffic_of,
)
from perennial.planning.plan import Plan, PostEvent, soonest


def plan(observed: Observed) -> Plan[ModelDeploymentStatus]:
    """Return the next step of a ModelDeployment."""
    rollout = assess(observed)
    step = decide(rollout)
    findings = {**step.findings, **messages.availability(rollout, step.serving, step.coming)}
    actions = (
        *objects(rollout, step),
        *_rejected(step),
        *messages.events(rollout, step.serving, step.coming, findings),
    )
    return Plan(
        status_after(rollout, step, findings),
        actions,
        _requeue_after(rollout, step),
        _question(rollout, step),
    )


def _question(rollout: Rollout, step: Step) -> Question | None:
    """Return what the rollout wants to know from now on."""
    if step.progress is None or step.stable is None or step.candidate is None:
        return None
    return question_of(rollout.observed, step.progress, step.stable, step.candidate)


def _rejected(step: Step) -> Iterator[PostEvent]:
    if step.rejection:
        message = f"{step.rejection.version} is rejected {step.rejection.message}"
        yield PostEvent("Warning", Progress.REJECTED, message)


def _requeue_after(rollout: Rollout, step: Step) -> timedelta | None:
    """Return the time until the next step, probe or end of a drain, whichever is soonest."""
    traffic = traffic_of(rollout, step)
    if traffic is None:
        return step.requeue_after
    probe = None
    if rollout.is_routed and not is_in_force(rollout, traffic):
        probe = next_probe(rollout, shift_after(rollout, traffic))
    if not leaving(rollout, step):
        return soonest(step.requeue_after, probe)
    drained = until_drained(rollout, step, traffic)
    # A drain that is over waits for pods that alone still answer: their Deployment is watched.
    is_ahead = drained is not None and drained >= timedelta(0)
    return soonest(step.requeue_after, probe, drained if is_ahead else None)
