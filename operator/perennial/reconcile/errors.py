"""Turns errors into the conditions of the object that could not be reconciled."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from perennial.api import conditions
from perennial.api.conditions import Condition, ConditionType, Finding, Findings
from perennial.api.manifest import Manifest
from perennial.api.reasons import JobReason, SpecReason
from perennial.cluster.errors import (
    ForbiddenError,
    InvalidError,
    NameTakenError,
    QuotaExceededError,
    SchemaOutdatedError,
)

_OVERALL = frozenset(
    {
        ConditionType.READY,
        ConditionType.RECONCILING,
        ConditionType.STALLED,
        ConditionType.DEGRADED,
    }
)
_CONDITIONS = TypeAdapter(tuple[Condition, ...])


def explain(error: Exception) -> Findings | None:
    """Return the conditions for an error; None when the error is not about the object."""
    match error:
        case ValidationError():
            return conditions.stalled(SpecReason.INVALID_SPEC, invalid_fields(error))
        case NameTakenError():
            return conditions.stalled(SpecReason.NAME_TAKEN, str(error))
        case InvalidError() if not isinstance(error, SchemaOutdatedError):
            return conditions.stalled(
                SpecReason.INVALID_SPEC,
                f"the API server rejects an object that this spec asks for: {error}",
            )
        case ForbiddenError():
            return _hindered(error)
    return None


def _hindered(error: ForbiddenError) -> Findings:
    if isinstance(error, QuotaExceededError):
        reason, remedy = JobReason.QUOTA_EXCEEDED, "free some of the quota or raise it"
    else:
        reason, remedy = JobReason.FORBIDDEN, "allow it by RBAC or by the admission policy"
    return conditions.reconciling(reason, f"{error}; {remedy}: it is tried again by itself")


def unexpected(error: Exception) -> Findings:
    """Return the conditions for an error of the operator itself."""
    return conditions.reconciling(
        JobReason.INTERNAL_ERROR,
        f"the operator failed at this object ({type(error).__name__}) and tries again; "
        "its log tells where",
    )


def invalid_fields(error: ValidationError) -> str:
    """Return every invalid field with its path and the mistake."""
    return "; ".join(
        f"{field_path(('spec', *detail['loc']))}: {detail['msg']}"
        for detail in error.errors(include_url=False, include_context=False, include_input=False)
    )


def field_path(location: tuple[int | str, ...]) -> str:
    """Return a path in the notation of kubectl, such as `spec.columns[3].type`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".")


def with_findings(manifest: Manifest, findings: Findings, now: datetime) -> dict[str, Any]:
    """Return the object's status with these findings and otherwise unchanged."""
    status: Mapping[str, Any] = manifest.get("status") or {}
    generation = manifest["metadata"]["generation"]
    before = _readable_conditions(status)
    wanted = _kept(before) | dict(_softened(before, findings, generation))
    merged = conditions.merge(before, wanted, generation, now)
    return {
        **status,
        "observedGeneration": generation,
        "conditions": [each.model_dump(mode="json", by_alias=True) for each in merged],
    }


def _readable_conditions(status: Mapping[str, Any]) -> tuple[Condition, ...]:
    try:
        return _CONDITIONS.validate_python(status.get("conditions") or ())
    except ValidationError:  # the status of another writer, as after a restore
        return ()


def _kept(before: tuple[Condition, ...]) -> dict[str, Finding]:
    return conditions.kept(each for each in before if each.type not in _OVERALL)


def _softened(before: tuple[Condition, ...], findings: Findings, generation: int) -> Findings:
    """Keep an object Ready for its spec when only new work is hindered from outside."""
    hindered = findings.get(ConditionType.RECONCILING)
    ready = next((each for each in before if each.type == ConditionType.READY), None)
    if hindered is None or ready is None:
        return findings
    if ready.status != "True" or ready.observed_generation != generation:
        return findings
    still_ready = conditions.ready(ready.reason, ready.message)
    return conditions.degraded(still_ready, hindered.reason, hindered.message)
