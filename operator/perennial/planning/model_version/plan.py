"""Whether a ModelVersion may be served, and which ModelDeployments serve it."""

from collections.abc import Mapping
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
    Rejection,
    ValidationReport,
)
from perennial.api.reasons import Progress, SpecReason
from perennial.planning.announcements import announcements
from perennial.planning.model_version.gates import judge, verdict
from perennial.planning.plan import Plan

_LONGEST_SERVING = 64
_MOST_REJECTIONS = 10


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the decision may depend on, gathered beforehand."""

    name: str
    generation: int
    spec: ModelVersionSpec
    status: ModelVersionStatus
    policy: Validation | None
    """The gates of the Model; None if there is no readable Model."""
    serving: tuple[str, ...]
    """ModelDeployments whose traffic it has."""
    rejections: tuple[Rejection, ...]
    """Rollouts in which it was rejected, as the ModelDeployments that exist record them."""
    lifted: Mapping[tuple[str, str], datetime]
    """When Decisions lifted rejections, by ModelDeployment and revision."""
    now: datetime


def plan(observed: Observed) -> Plan[ModelVersionStatus]:
    """Return the next step of a ModelVersion: its verdict, from the metrics of its training."""
    report = _judgement(observed)
    findings = _findings(observed, report)
    before = observed.status.conditions
    status = observed.status.model_copy(
        update={
            "observed_generation": observed.generation,
            "headline": headline(observed.spec.evaluation),
            "validation": report,
            "serving": tuple(sorted(observed.serving))[:_LONGEST_SERVING],
            "rejections": _rejections(observed),
            "conditions": conditions.merge(before, findings, observed.generation, observed.now),
        }
    )
    return Plan(status, announcements(before, findings))


def _rejections(observed: Observed) -> tuple[Rejection, ...]:
    """Return all known rejections: they outlive the ModelDeployment that recorded them."""
    found = {(each.deployment, each.revision): each for each in observed.status.rejections}
    found |= {(each.deployment, each.revision): each for each in observed.rejections}
    standing = (
        each
        for of, each in found.items()
        if of not in observed.lifted or each.at > observed.lifted[of]
    )
    newest = sorted(standing, key=lambda each: (each.at, each.revision), reverse=True)
    return tuple(newest)[:_MOST_REJECTIONS]


def headline(evaluation: Evaluation) -> str | None:
    """Return the headline metric in one line."""
    measure = evaluation.metrics.get(evaluation.metric)
    return f"{evaluation.metric} {Decimal(measure.value):.3f}" if measure else None


def _judgement(observed: Observed) -> ValidationReport | None:
    """Return the report by the current gates; without a Model the last one stands."""
    if observed.policy is None:
        return observed.status.validation
    return judge(observed.policy, observed.spec.evaluation)


def _findings(observed: Observed, report: ValidationReport | None) -> Findings:
    if report is None:
        message = f"waits for Model {observed.spec.model.name}, whose gates judge it"
        return conditions.reconciling(SpecReason.MODEL_NOT_FOUND, message)
    missed = verdict(report, observed.spec.evaluation)
    if report.outcome is Outcome.FAILED:
        message = (
            f"{missed}: improve the data or the recipe, or change "
            f"spec.validation of Model {observed.spec.model.name}"
        )
        return _validated("False", conditions.stalled(Progress.GATE_FAILED, message))
    advisory = f"advisory: {missed}" if missed else ""
    parts = (_count(report), advisory, fallback(observed.spec.artifact))
    message = "; ".join(part for part in parts if part)
    return _validated("True", conditions.ready(Progress.GATES_PASSED, message))


def fallback(artifact: Artifact) -> str:
    """Return why the model is served by scikit-learn; empty if it is not, or without a reason."""
    if artifact.tier_reason is None:
        return ""
    return f"served in tier {artifact.tier}, not faster: {artifact.tier_reason}"


def _validated(truth: conditions.Truth, findings: Findings) -> Findings:
    ready = findings[ConditionType.READY]
    return {**findings, ConditionType.VALIDATED: Finding(truth, ready.reason, ready.message)}


def _count(report: ValidationReport) -> str:
    passed = sum(gate.outcome is Outcome.PASSED for gate in report.gates)
    return f"{passed} of {len(report.gates)} gates passed" if report.gates else "no gates are set"
