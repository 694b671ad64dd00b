"""What an object's conditions say when it cannot be acted on as planned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from perennial.api import conditions
from perennial.api.conditions import Condition, ConditionType, Finding, Findings
from perennial.api.manifest import Manifest
from perennial.api.reasons import JobReason, SpecReason
from perennial.cluster.errors import (
    Forbidden,
    Invalid,
    NameTaken,
    QuotaExceeded,
    SchemaOutdated,
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
    """Return what the object should say about an error; None when there is nothing to say."""
    match error:
        case ValidationError():
            return conditions.stalled(SpecReason.INVALID_SPEC, invalid_fields(error))
        case NameTaken():
            return conditions.stalled(SpecReason.NAME_TAKEN, str(error))
        case Invalid() if not isinstance(error, SchemaOutdated):
            return conditions.stalled(
                SpecReason.INVALID_SPEC, f"the API server refuses what this spec asks for: {error}"
            )
        case Forbidden():
            return _hindered(error)
    return None


def _hindered(error: Forbidden) -> Findings:
    if isinstance(error, QuotaExceeded):
        reason, remedy = JobReason.QUOTA_EXCEEDED, "free some of the quota or raise it"
    else:
        reason, remedy = JobReason.FORBIDDEN, "allow it by RBAC or by the admission policy"
    return conditions.reconciling(reason, f"{error}; {remedy}: it is tried again by itself")


def unexpected(error: Exception) -> Findings:
    """Return what the object should say when the operator itself failed."""
    return conditions.reconciling(
        JobReason.INTERNAL_ERROR,
        f"the operator failed at this object ({type(error).__name__}) and tries again; "
        "its log tells where",
    )


def invalid_fields(error: ValidationError) -> str:
    """Return every mistake with the path of its field."""
    return "; ".join(
        f"{field_path(('spec', *mistake['loc']))}: {mistake['msg']}"
        for mistake in error.errors(include_url=False, include_context=False, include_input=False)
    )


def field_path(location: tuple[int | str, ...]) -> str:
    """Return a path as people write it: `spec.columns[3].type`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".")


def with_findings(manifest: Manifest, findings: Findings, now: datetime) -> dict[str, Any]:
    """Return the object's status with these findings, and all else as it was."""
    status: Mapping[str, Any] = manifest.get("status") or {}
    generation = manifest["metadata"]["generation"]
    before = _readable_conditions(status)
    said = _kept(before) | dict(_softened(before, findings, generation))
    merged = conditions.merge(before, said, generation, now)
    return {
        **status,
        "observedGeneration": generation,
        "conditions": [each.model_dump(mode="json", by_alias=True) for each in merged],
    }


def _readable_conditions(status: Mapping[str, Any]) -> tuple[Condition, ...]:
    try:
        return _CONDITIONS.validate_python(status.get("conditions") or ())
    except ValidationError:  # somebody else's status
        return ()


def _kept(before: tuple[Condition, ...]) -> dict[str, Finding]:
    return {
        each.type: Finding(each.status, each.reason, each.message)
        for each in before
        if each.type not in _OVERALL
    }


def _softened(before: tuple[Condition, ...], findings: Findings, generation: int) -> Findings:
    """What was Ready for this very spec stays so when something outside it hinders new work."""
    hindered = findings.get(ConditionType.RECONCILING)
    ready = next((each for each in before if each.type == ConditionType.READY), None)
    if hindered is None or ready is None:
        return findings
    if ready.status != "True" or ready.observed_generation != generation:
        return findings
    answers = conditions.ready(ready.reason, ready.message)
    return conditions.degraded(answers, hindered.reason, hindered.message)
