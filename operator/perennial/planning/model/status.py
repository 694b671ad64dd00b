"""What the status of a Model remembers of its versions and trainings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from perennial.api.model import ModelStatus, TrainingFailure, TrainingRun
from perennial.api.tasks import TrainingReport
from perennial.planning.job.attempt import Attempt
from perennial.planning.job.outcome import attempt_of
from perennial.planning.model.inputs import TrainingRequest
from perennial.planning.model.versions import newest_ready
from perennial.planning.model_version.version import Version
from perennial.planning.plan import Action, Create

_FAILURES = 10

Attempts = Sequence[Attempt[TrainingReport]]


def of_versions(current: Version | None, versions: Sequence[Version]) -> dict[str, Any]:
    """Return the fields of status about versions."""
    newest = max(versions, key=attrgetter("number"), default=None)
    ready = newest_ready(versions)
    return {
        "current_version": current.name if current else None,
        "latest_version": newest.name if newest else None,
        "latest_ready": ready.name if ready else None,
        "versions": len(versions),
    }


def of_trainings(
    status: ModelStatus, attempts: Attempts, actions: Iterable[Action], now: datetime
) -> dict[str, Any]:
    """Return the fields of status about Jobs: those observed, and those that begin now."""
    begun = [
        attempt_of(action.manifest, (), (), TrainingReport, now)
        for action in actions
        if isinstance(action, Create) and action.manifest["kind"] == "Job"
    ]
    return {
        "training": _newest_training(status.training, (*attempts, *begun)),
        "failures": _failures(status.failures, attempts),
    }


def _newest_training(known: TrainingRun | None, attempts: Attempts) -> TrainingRun | None:
    newest = max(attempts, key=attrgetter("created", "number"), default=None)
    if newest is None or (known and known.job == newest.name):
        return known
    return TrainingRun(
        job=newest.name,
        attempt=newest.number,
        inputs=TrainingRequest.model_validate_json(newest.request).inputs,
        started_at=newest.created.replace(microsecond=0),
    )


def _failures(known: Sequence[TrainingFailure], attempts: Attempts) -> tuple[TrainingFailure, ...]:
    recorded = {(failure.job, failure.at) for failure in known}
    recent = [
        TrainingFailure(
            at=attempt.failure.at,
            job=attempt.name,
            reason=attempt.failure.reason,
            message=attempt.failure.message,
        )
        for attempt in attempts
        if attempt.failure and (attempt.name, attempt.failure.at) not in recorded
    ]
    newest_first = sorted((*recent, *known), key=attrgetter("at"), reverse=True)
    return tuple(newest_first[:_FAILURES])
