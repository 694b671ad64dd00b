"""Whether a version passes the gates of its Model: its metrics against their limits."""

from collections.abc import Sequence
from decimal import Decimal

from perennial.api.digests import digest_of
from perennial.api.gate import Gate, Outcome
from perennial.api.model import MetricGate, Validation
from perennial.api.model_version import Evaluation, ValidationReport
from perennial.api.scalars import Digest


def policy_digest(validation: Validation) -> Digest:
    """Return the digest of a Model's gates; a change judges every version anew."""
    return digest_of(validation.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def judge(validation: Validation, evaluation: Evaluation) -> ValidationReport:
    """Return the result of each gate; a version without gates passes."""
    gates = tuple(
        _gate(gate, evaluation) for gate in validation.metrics if gate.enforce != "Disabled"
    )
    return ValidationReport(
        outcome=_worst(gates), policy_digest=policy_digest(validation), gates=gates
    )


def verdict(report: ValidationReport, evaluation: Evaluation) -> str:
    """Return the gates that did not pass, with their numbers, for a message."""
    missed = [gate for gate in report.gates if gate.outcome is not Outcome.PASSED]
    return "; ".join(_described(gate, evaluation) for gate in missed)


def _gate(gate: MetricGate, evaluation: Evaluation) -> Gate:
    measure = evaluation.metrics.get(gate.name)
    return Gate(
        name=gate.name,
        outcome=_outcome(gate, None if measure is None else Decimal(measure.value)),
        value=measure.value if measure else None,
        low=measure.low if measure else None,
        high=measure.high if measure else None,
        limit=_limit(gate),
        samples=evaluation.samples,
    )


def _outcome(gate: MetricGate, value: Decimal | None) -> Outcome:
    if value is not None and _is_within(gate, value):
        return Outcome.PASSED
    return Outcome.WARNED if gate.enforce == "Advisory" else Outcome.FAILED


def _is_within(gate: MetricGate, value: Decimal) -> bool:
    if gate.at_least is not None:
        return value >= Decimal(gate.at_least)
    return gate.at_most is None or value <= Decimal(gate.at_most)


def _limit(gate: MetricGate) -> str:
    return f"at least {gate.at_least}" if gate.at_least is not None else f"at most {gate.at_most}"


def _worst(gates: Sequence[Gate]) -> Outcome:
    outcomes = {gate.outcome for gate in gates}
    by_severity = (Outcome.FAILED, Outcome.WARNED, Outcome.PASSED)
    return next((outcome for outcome in by_severity if outcome in outcomes), Outcome.PASSED)


def _described(gate: Gate, evaluation: Evaluation) -> str:
    if gate.value is None:
        known = ", ".join(sorted(evaluation.metrics))
        return f"{gate.name} must be {gate.limit} and was not measured; available are: {known}"
    return (
        f"{gate.name} is {gate.value} ({gate.low} to {gate.high}, {gate.samples} rows) "
        f"and must be {gate.limit}"
    )
