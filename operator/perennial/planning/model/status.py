"""What the status of a Model remembers of its versions and trainings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from perennial.api.model import ModelStatus, TrainingFailure, TrainingRun
from perennial.api.tasks import TrainingReport
from perennial.planning.job.attempt import Run
from perennial.planning.job.outcome import run_of
from perennial.planning.model.inputs import TrainingRequest
from perennial.planning.model.versions import Version, newest_ready
from perennial.planning.plan import Action, Create

_FAILURES = 10

TrainingRuns = Sequence[Run[TrainingReport]]


def of_versions(current: Version | None, versions: Sequence[Version]) -> dict[str, Any]:
    """Return the fields of status that speak of versions."""
    newest = max(versions, key=attrgetter("number"), default=None)
    ready = newest_ready(versions)
    return {
        "current_version": current.name if current else None,
        "latest_version": newest.name if newest else None,
        "latest_ready": ready.name if ready else None,
        "versions": len(versions),
    }


def of_trainings(
    status: ModelStatus, runs: TrainingRuns, actions: Iterable[Action], now: datetime
) -> dict[str, Any]:
    """Return the fields of status that speak of Jobs: those there were, and those begun now."""
    begun = [
        run_of(action.manifest, (), (), TrainingReport, now)
        for action in actions
        if isinstance(action, Create) and action.manifest["kind"] == "Job"
    ]
    return {
        "training": _newest_training(status.training, (*runs, *begun)),
        "failures": _failures(status.failures, runs),
    }


def _newest_training(known: TrainingRun | None, runs: TrainingRuns) -> TrainingRun | None:
    newest = max(runs, key=attrgetter("created", "attempt"), default=None)
    if newest is None or (known and known.job == newest.name):
        return known
    return TrainingRun(
        job=newest.name,
        attempt=newest.attempt,
        inputs=TrainingRequest.model_validate_json(newest.request).inputs,
        started_at=newest.created.replace(microsecond=0),
    )


def _failures(known: Sequence[TrainingFailure], runs: TrainingRuns) -> tuple[TrainingFailure, ...]:
    recorded = {(failure.job, failure.at) for failure in known}
    recent = [
        TrainingFailure(
            at=run.failure.at, job=run.name, reason=run.failure.reason, message=run.failure.message
        )
        for run in runs
        if run.failure and (run.name, run.failure.at) not in recorded
    ]
    newest_first = sorted((*recent, *known), key=attrgetter("at"), reverse=True)
    return tuple(newest_first[:_FAILURES])
