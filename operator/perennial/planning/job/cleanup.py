"""Which Jobs of an object are no longer needed: as work, as evidence or as a record."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from perennial.api.times import to_timedelta
from perennial.planning.job.attempt import Run
from perennial.planning.job.step import Circumstances
from perennial.planning.plan import Delete


def tidy(
    runs: Sequence[Run[Any]], attempts: Sequence[Run[Any]] | None, at: Circumstances
) -> tuple[tuple[Delete, ...], timedelta | None]:
    """Return what goes now, and when to look for more; `attempts` are those wanted now."""
    if attempts is None:
        return (), None
    kept = _evidence(attempts)
    superseded = [run for run in attempts if run not in kept]
    others = [run for run in runs if run not in attempts]
    stopped = [run for run in others if run.ended is None and not run.over]
    history = to_timedelta(at.configuration.pauses.job_history)
    waits = [
        (run, (run.ended or run.created) + history - at.now) for run in others if run not in stopped
    ]
    gone = [run for run, wait in waits if wait <= timedelta(0)]
    later = [wait for _, wait in waits if wait > timedelta(0)]
    deletions = tuple(
        Delete("Job", run.name, run.uid) for run in (*superseded, *stopped, *gone) if run.uid
    )
    return deletions, min(later, default=None)


def _evidence(attempts: Sequence[Run[Any]]) -> list[Run[Any]]:
    """Return the newest attempt, and the newest failed one: the newest may still be at work."""
    by_age = sorted(attempts, key=lambda run: run.attempt)
    return [*by_age[-1:], *[run for run in by_age if run.failure][-1:]]
