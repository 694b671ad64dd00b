"""Which Jobs of an object are no longer needed: for work, as evidence or as history."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from perennial.api.times import to_timedelta
from perennial.planning.job.attempt import Attempt
from perennial.planning.job.step import JobContext
from perennial.planning.plan import Delete


def finished_jobs(
    attempts: Sequence[Attempt[Any]], wanted: Sequence[Attempt[Any]] | None, context: JobContext
) -> tuple[tuple[Delete, ...], timedelta | None]:
    """Return the Jobs to delete now, and the time until the next one is due.

    `wanted` are the attempts at the present work; None means that it is not known, and no Job goes.
    """
    if wanted is None:
        return (), None
    evidence = _evidence(wanted)
    superseded = [attempt for attempt in wanted if attempt not in evidence]
    others = [attempt for attempt in attempts if attempt not in wanted]
    stopped = [attempt for attempt in others if attempt.ended is None and not attempt.over]
    history = to_timedelta(context.configuration.pauses.job_history)
    waits = [
        (attempt, (attempt.ended or attempt.created) + history - context.now)
        for attempt in others
        if attempt not in stopped
    ]
    expired = [attempt for attempt, wait in waits if wait <= timedelta(0)]
    deletions = tuple(
        Delete("Job", attempt.name, attempt.uid)
        for attempt in (*superseded, *stopped, *expired)
        if attempt.uid
    )
    return deletions, min((wait for _, wait in waits if wait > timedelta(0)), default=None)


def _evidence(attempts: Sequence[Attempt[Any]]) -> list[Attempt[Any]]:
    """Return the newest attempt, and the newest failed one: the newest may still be at work."""
    by_age = sorted(attempts, key=lambda attempt: attempt.number)
    return [*by_age[-1:], *[attempt for attempt in by_age if attempt.failure][-1:]]
