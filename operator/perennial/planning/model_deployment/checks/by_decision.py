"""The effects of Decisions. Each is recorded first, and the next look acts on what is recorded."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from perennial.api import conditions
from perennial.api.reasons import Progress
from perennial.api.rollout_status import DecisionVerdict, RejectedRevision
from perennial.planning.decision.decision import Decision
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.decided import applied
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.step import Step


def decided(rollout: Rollout) -> Step | None:
    """A Decision acts: the oldest one that can, unless the candidate is rejected already."""
    decision, candidate = rollout.due.acting, rollout.candidate
    if decision is None or (candidate and candidate.revision in rollout.rejected):
        return None
    return _EFFECTS[decision.spec.verdict](rollout, decision)


def _promote(rollout: Rollout, decision: Decision) -> Step:
    """Move all traffic to the candidate, and begin the watch."""
    progress = rollout.progress
    if progress is None:
        return _recorded(rollout, decision, "the rollout has no steps: it ends by itself")
    last = {"step": len(progress.steps) + 1, "stage": "Growing", "stage_since": rollout.now}
    changed = progress.model_copy(update={**last, "paused": False})
    return _recorded(rollout, decision, "all traffic moves to the candidate", progress=changed)


def _abort(rollout: Rollout, decision: Decision) -> Step:
    """Reject the candidate."""
    candidate = rollout.candidate
    if candidate is None:
        return _recorded(rollout, decision, "the candidate is gone already")
    rejection = RejectedRevision(
        version=candidate.version,
        revision=candidate.revision,
        at=rollout.now,
        reason=Progress.ABORTED,
        message=_attributed(decision),
    )
    return _recorded(rollout, decision, f"{candidate.version} is rejected", rejection=rejection)


def _retry(rollout: Rollout, decision: Decision) -> Step:
    """Forget the rejection: the revision begins at step one if it is the target."""
    revision = decision.spec.subject.revision
    message = f"revision {revision} may be rolled out again"
    return _recorded(rollout, decision, message, lifted=revision)


def _override(rollout: Rollout, decision: Decision) -> Step:
    """Forget the rejection, and let the gates of its next rollout inform only."""
    revision = decision.spec.subject.revision
    message = f"revision {revision} may be rolled out again, and its gates only inform"
    return _recorded(rollout, decision, message, lifted=revision, overridden=revision)


def _rollback(rollout: Rollout, decision: Decision) -> Step:
    """Reject the stable revision, and name the version to return to."""
    stable, to = rollout.stable, decision.spec.to
    if stable is None or to is None:
        return _recorded(rollout, decision, "no revision serves")
    rejection = RejectedRevision(
        version=stable.version,
        revision=stable.revision,
        at=rollout.now,
        reason=Progress.ROLLED_BACK,
        message=_attributed(decision),
        return_to=to.version,
    )
    return _recorded(rollout, decision, f"{to.version} returns", rejection=rejection)


def _pause(rollout: Rollout, decision: Decision) -> Step:
    """Hold the rollout."""
    changed = rollout.progress and rollout.progress.model_copy(update={"paused": True})
    return _recorded(rollout, decision, "the rollout is paused", progress=changed)


def _resume(rollout: Rollout, decision: Decision) -> Step:
    """Release the rollout, or end the pause of its step."""
    progress = rollout.progress
    if progress is None:
        return _recorded(rollout, decision, "nothing was paused")
    changes = {"paused": False} if progress.paused else {"resumed": progress.step}
    changed = progress.model_copy(update=changes)
    return _recorded(rollout, decision, "the rollout goes on", progress=changed)


_EFFECTS: Final[Mapping[DecisionVerdict, Callable[[Rollout, Decision], Step]]] = {
    "Promote": _promote,
    "Abort": _abort,
    "Retry": _retry,
    "Override": _override,
    "Rollback": _rollback,
    "Pause": _pause,
    "Resume": _resume,
}


def _recorded(rollout: Rollout, decision: Decision, message: str, **changes: Any) -> Step:  # noqa: ANN401 - fields
    """Return a step that changes nothing but the status, which keeps its conditions."""
    before = conditions.kept(rollout.observed.status.conditions)
    step = Step(before, rollout.stable, rollout.candidate, messages.AT_ONCE, rollout.progress)
    return replace(step, decision=applied(decision, message, rollout.observed.now), **changes)


def _attributed(decision: Decision) -> str:
    why = f": {decision.spec.reason}" if decision.spec.reason else ""
    return f"by {decision.spec.by} (Decision {decision.name}){why}"[:1024]
