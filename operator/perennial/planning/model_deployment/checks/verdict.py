"""Verdicts on a candidate: a broken server, a gate that failed, or a step without a result."""

from typing import Final

from perennial.api import conditions
from perennial.api.model_deployment import RevisionStatus
from perennial.api.reasons import JobReason, Progress, SpecReason
from perennial.api.rollout_status import RejectedRevision, RolloutGate, RolloutStatus
from perennial.api.times import to_timestamp
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.analysis import longest_step
from perennial.planning.model_deployment.revision import Definition
from perennial.planning.model_deployment.rollout import Rollout
from perennial.planning.model_deployment.step import Step

INFORM: Final = "Inform"
_OWN_FAULTS: Final = (
    Progress.SERVER_CRASHING,
    JobReason.OUT_OF_MEMORY,
    JobReason.SELF_CHECK_FAILED,
    JobReason.INTERNAL_ERROR,
)
"""What the revision brings with it. Everything else may pass, and is not remembered."""
_CRASH_LOOP: Final = 2
"""Restarts of a server that make a crash loop while other pods of the revision answer."""
_UNDECIDED: Final = ("Inconclusive", "TooFewSamples")


def verdict(rollout: Rollout) -> Step | None:
    """The candidate is rejected. Its traffic moves at the next look, when this is recorded."""
    stable, candidate, progress = rollout.stable, rollout.candidate, rollout.progress
    if stable is None or candidate is None or progress is None or not rollout.wanted:
        return None
    if candidate.revision in rollout.rejected:
        return None
    found = (
        _broken(rollout, candidate, progress)
        or _gate_failed(progress)
        or _without_result(rollout, progress)
    )
    if found is None:
        return None
    reason, message = found
    rejection = RejectedRevision(
        version=candidate.version,
        revision=candidate.revision,
        at=rollout.now,
        reason=reason,
        message=f"at {progress.weight} % of the traffic: {message}"[:1024],
    )
    findings = messages.held_up(
        rollout, reason, f"{candidate.version} is rejected {rejection.message}"
    )
    return Step(findings, stable, candidate, messages.AT_ONCE, progress, rejection)


def known_bad(rollout: Rollout, target: Definition) -> Step | None:
    """The target was rejected before: it gets no traffic unless a person decides so."""
    rejected = rollout.rejected.get(target.revision)
    stable = rollout.stable
    if rejected is None or (stable and stable.revision == target.revision):
        return None
    message = (
        f"revision {rejected.revision} of {rejected.version} was rejected on "
        f"{to_timestamp(rejected.at)} {rejected.message}; change spec.model.version or "
        "spec.server, train a better version, or create a Decision with the verdict Retry"
    )
    if stable is None or rollout.user_initiated:
        findings = conditions.stalled(SpecReason.KNOWN_BAD, message)
    else:
        findings = conditions.degraded(
            messages.serving(rollout, stable), SpecReason.KNOWN_BAD, message
        )
    return Step(findings, stable)


def required_gates(progress: RolloutStatus) -> tuple[RolloutGate, ...]:
    """Return the gates that a step has to pass."""
    if progress.overridden:
        return ()
    return tuple(gate for gate in progress.gates if gate.on_failed != INFORM)


def has_time_left(rollout: Rollout, progress: RolloutStatus) -> bool:
    """Return whether a step may go on to gather evidence."""
    if progress.analysis is None or progress.stage != "Analyzing":
        return True
    return rollout.observed.now < progress.stage_since + longest_step(progress.analysis)


def is_undecided(rollout: Rollout, progress: RolloutStatus) -> bool:
    """Return whether a step has run out of time, with fresh data and without a result."""
    gates = required_gates(progress)
    return (
        rollout.is_judged
        and not has_time_left(rollout, progress)
        and any(gate.outcome in _UNDECIDED for gate in gates)
        and all(gate.outcome in (*_UNDECIDED, "Passed") for gate in gates)
    )


def _broken(
    rollout: Rollout, candidate: RevisionStatus, progress: RolloutStatus
) -> tuple[str, str] | None:
    """Return why a candidate that has had traffic is broken by its own fault."""
    running = rollout.observed.running.get(candidate.revision)
    if running is None or running.blocker is None or not (progress.weight or progress.step_starts):
        return None
    blocker = running.blocker
    is_killed = blocker.reason == JobReason.OUT_OF_MEMORY
    is_lost = candidate.ready == 0 or running.restarts >= _CRASH_LOOP or is_killed
    if blocker.reason not in _OWN_FAULTS or not is_lost:
        return None
    return blocker.reason, messages.state(rollout, candidate)


def _gate_failed(progress: RolloutStatus) -> tuple[str, str] | None:
    failed = [
        gate
        for gate in required_gates(progress)
        if gate.outcome == "Failed" and gate.on_failed == "Rollback"
    ]
    if not failed:
        return None
    return Progress.GATE_FAILED, "; ".join(f"gate {gate.name}: {gate.message}" for gate in failed)


def _without_result(rollout: Rollout, progress: RolloutStatus) -> tuple[str, str] | None:
    rules = progress.analysis
    if rules is None or rules.on_inconclusive != "Rollback" or not is_undecided(rollout, progress):
        return None
    gates = ", ".join(
        f"{gate.name} {gate.outcome}"
        for gate in required_gates(progress)
        if gate.outcome in _UNDECIDED
    )
    return Progress.INCONCLUSIVE, f"no result after {rules.max_duration} ({gates})"
