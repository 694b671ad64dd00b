"""Whether a ModelVersion may be served, and who serves it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from perennial.api import conditions
from perennial.api.conditions import ConditionType, Finding, Findings
from perennial.api.gate import Outcome
from perennial.api.model import Validation
from perennial.api.model_version import (
    Artifact,
    Evaluation,
    ModelVersionSpec,
    ModelVersionStatus,
    ValidationReport,
)
from perennial.api.reasons import Progress, SpecReason
from perennial.planning.announcements import announcements
from perennial.planning.model_version.gates import judge, verdict
from perennial.planning.plan import Plan

_LONGEST_SERVING = 64


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the decision may depend on, gathered beforehand."""

    name: str
    generation: int
    spec: ModelVersionSpec
    status: ModelVersionStatus
    policy: Validation | None
    """The Model's limits; None: it has no readable Model."""
    serving: tuple[str, ...]
    """ModelDeployments whose stable version it is."""
    now: datetime


def plan(observed: Observed) -> Plan[ModelVersionStatus]:
    """Judge a version by what was measured when it was trained; nothing is run."""
    report = _judgement(observed)
    findings = _findings(observed, report)
    before = observed.status.conditions
    status = observed.status.model_copy(
        update={
            "observed_generation": observed.generation,
            "headline": headline(observed.spec.evaluation),
            "validation": report,
            "serving": tuple(sorted(observed.serving))[:_LONGEST_SERVING],
            "conditions": conditions.merge(before, findings, observed.generation, observed.now),
        }
    )
    return Plan(status, announcements(before, findings))


def headline(evaluation: Evaluation) -> str | None:
    """Return the headline measure in one line."""
    measure = evaluation.metrics.get(evaluation.metric)
    return f"{evaluation.metric} {Decimal(measure.value):.3f}" if measure else None


def _judgement(observed: Observed) -> ValidationReport | None:
    """Return the judgement by today's limits; without a Model the last one stands."""
    if observed.policy is None:
        return observed.status.validation
    return judge(observed.policy, observed.spec.evaluation)


def _findings(observed: Observed, report: ValidationReport | None) -> Findings:
    if report is None:
        message = f"waits for Model {observed.spec.model.name}, whose limits it is judged by"
        return conditions.reconciling(SpecReason.MODEL_NOT_FOUND, message)
    words = verdict(report, observed.spec.evaluation)
    if report.outcome is Outcome.FAILED:
        message = (
            f"{words}: improve data or recipe for a better version, or change "
            f"spec.validation of Model {observed.spec.model.name}"
        )
        return _validated("False", conditions.stalled(Progress.GATE_FAILED, message))
    advisory = f"advisory: {words}" if words else ""
    said = (_count(report), advisory, fallback(observed.spec.artifact))
    message = "; ".join(part for part in said if part)
    return _validated("True", conditions.ready(Progress.GATES_PASSED, message))


def fallback(artifact: Artifact) -> str:
    """Return why scikit-learn has to answer; empty when it need not, or nobody noted it."""
    if artifact.tier_reason is None:
        return ""
    return f"served in tier {artifact.tier}, not faster: {artifact.tier_reason}"


def _validated(truth: conditions.Truth, findings: Findings) -> Findings:
    ready = findings[ConditionType.READY]
    return {**findings, ConditionType.VALIDATED: Finding(truth, ready.reason, ready.message)}


def _count(report: ValidationReport) -> str:
    passed = sum(gate.outcome is Outcome.PASSED for gate in report.gates)
    return f"{passed} of {len(report.gates)} gates passed" if report.gates else "no gate is set"
