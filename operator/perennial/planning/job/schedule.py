"""Attempts of Jobs at one piece of work, until one succeeds: when the next begins, and as what."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from perennial.api.configuration import Pauses
from perennial.api.digests import digest_of
from perennial.api.reasons import JobReason, Progress
from perennial.api.times import to_timedelta, to_timestamp
from perennial.planning.job.attempt import Failure, Run
from perennial.planning.job.manifest import (
    JobTemplate,
    attempt_job,
    settings_digest,
    template_digest,
)
from perennial.planning.job.step import Circumstances
from perennial.planning.plan import Action, Create, Delete
from perennial.planning.pod.blocker import Blocker

_A_POD_APPEARS_WITHIN = timedelta(seconds=5)
_A_NODE_APPEARS_WITHIN = timedelta(seconds=15)
_THE_JOB_FOLLOWS_WITHIN = timedelta(seconds=5)
_THE_NODE_ENDS_IT_WITHIN = timedelta(seconds=30)
_UNAIDED_QUEUE = timedelta(seconds=2)


class Standing(Enum):
    """What an undertaking says about itself, before its owner puts it into conditions."""

    UNDER_WAY = "nobody needs to act"
    FAILING = "something outside the spec is in the way; it is being tried again"
    STUCK = "only a change of the spec helps"


@dataclass(frozen=True, slots=True)
class Undertaking:
    """One piece of work, and every attempt at it so far."""

    template: JobTemplate
    runs: tuple[Run[Any], ...]
    name: Callable[[int], str]
    """Name of the Job of an attempt."""
    reason: str
    """Why it is done, in one word."""
    doing: str
    """What a Job of it is doing."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What becomes of an undertaking now."""

    standing: Standing
    reason: str
    message: str
    actions: tuple[Action, ...] = ()
    requeue_after: timedelta | None = None
    begun: int | None = None
    """The attempt that begins with these actions."""


def advance(work: Undertaking, at: Circumstances) -> Advance:
    """Begin the next attempt, wait, or say what is in the way."""
    newest = max(work.runs, key=lambda run: run.attempt, default=None)
    if newest is None:
        return _begin(work, at, 1)
    if newest.failure is not None:
        return _after_failure(work, at, newest, newest.failure)
    if newest.blocker is not None and _is_due(newest.blocker, at):
        return _blocked(work, at, newest, newest.blocker)
    return _at_work(work, at, newest)


def pause_after(attempt: int, pauses: Pauses) -> timedelta:
    """Return how long to wait after a failed attempt: doubled each time, up to a limit."""
    doubled = to_timedelta(pauses.first_retry) * (1 << min(attempt - 1, 20))
    return min(doubled, to_timedelta(pauses.longest_retry))


def _begin(
    work: Undertaking, at: Circumstances, attempt: int, replaced: Run[Any] | None = None
) -> Advance:
    """Make the Job of an attempt, unless the namespace runs as many as it may."""
    if replaced is None and at.free_slots < 1:
        return _queued(work, at)
    standing, reason, message = _says(work, attempt)
    job = attempt_job(work.template, at.configuration, work.name(attempt), attempt)
    actions: tuple[Action, ...] = (*_delete(replaced), Create(job))
    return Advance(standing, reason, message, actions, _A_POD_APPEARS_WITHIN, attempt)


def _queued(work: Undertaking, at: Circumstances) -> Advance:
    limit = at.configuration.limits.jobs_per_namespace
    message = (
        f"waits until one of the {limit} Jobs that may run at once in namespace "
        f"{at.namespace} is done (limits.jobsPerNamespace of the operator's configuration)"
    )
    # Those who wait do not all come back at the same moment.
    spread = timedelta(milliseconds=int(digest_of(work.name(1))[-4:], 16) % 3000)
    return Advance(
        Standing.UNDER_WAY, Progress.QUEUED, message, requeue_after=_UNAIDED_QUEUE + spread
    )


def _after_failure(
    work: Undertaking, at: Circumstances, run: Run[Any], failure: Failure
) -> Advance:
    """Begin again when that may help: never while the Job controller may still start a pod."""
    if failure.in_spec:
        if run.over and run.settings != settings_digest(work.template.run):
            return _begin(work, at, run.attempt + 1)
        return Advance(Standing.STUCK, failure.reason, failure.message)
    again = failure.at + pause_after(run.attempt, at.configuration.pauses)
    is_time = again <= at.now or run.template != template_digest(work.template, at.configuration)
    if is_time and run.over:
        return _begin(work, at, run.attempt + 1)
    message = f"{failure.message}; trying again at {to_timestamp(again)}"
    requeue_after = again - at.now if run.over else _THE_JOB_FOLLOWS_WITHIN
    return Advance(Standing.FAILING, failure.reason, message, requeue_after=requeue_after)


def _is_due(blocker: Blocker, at: Circumstances) -> bool:
    """Tell a blocker from the short while in which a cluster finds or makes room."""
    patience = _A_NODE_APPEARS_WITHIN if blocker.reason == JobReason.UNSCHEDULABLE else timedelta(0)
    return at.now >= blocker.since + patience


def _blocked(work: Undertaking, at: Circumstances, run: Run[Any], blocker: Blocker) -> Advance:
    """Wait for the cause to go, or take another Job when that is the faster way."""
    if run.template != template_digest(work.template, at.configuration):
        return _begin(work, at, run.attempt + 1, replaced=run)
    # The node ends its own pods at the deadline; nobody ends those that never got to one.
    give_up_at = run.created + to_timedelta(work.template.run.deadline) + _THE_NODE_ENDS_IT_WITHIN
    if give_up_at <= at.now:
        return _give_up(run, blocker)
    # The Job controller's own pauses grow without regard to when the cause is gone.
    replace_at = run.created + pause_after(run.attempt, at.configuration.pauses)
    if not run.has_pod and replace_at <= at.now:
        return _begin(work, at, run.attempt + 1, replaced=run)
    waits = [give_up_at - at.now]
    if not run.has_pod:
        waits += [replace_at - at.now, _A_POD_APPEARS_WITHIN]
    return Advance(Standing.FAILING, blocker.reason, blocker.message, requeue_after=min(waits))


def _give_up(run: Run[Any], blocker: Blocker) -> Advance:
    """Leave the slot to others for a moment: they may have better luck."""
    message = f"{blocker.message}; Job {run.name} reached its deadline and makes room for others"
    return Advance(Standing.FAILING, blocker.reason, message, _delete(run), _UNAIDED_QUEUE)


def _at_work(work: Undertaking, at: Circumstances, run: Run[Any]) -> Advance:
    requeue_after = None
    if not run.has_pod:
        requeue_after = _A_POD_APPEARS_WITHIN
    elif run.blocker is not None:
        requeue_after = run.blocker.since + _A_NODE_APPEARS_WITHIN - at.now
    return Advance(*_says(work, run.attempt), requeue_after=requeue_after)


def _says(work: Undertaking, attempt: int) -> tuple[Standing, str, str]:
    """Return what a Job at work says: what the last attempt failed of is not forgotten yet."""
    job = work.name(attempt)
    failures = [run for run in work.runs if run.failure and run.attempt < attempt]
    if not failures:
        return Standing.UNDER_WAY, work.reason, f"Job {job} {work.doing}"
    failure = max(failures, key=lambda run: run.attempt).failure
    if failure is None:
        raise AssertionError(job)
    return Standing.FAILING, failure.reason, f"{failure.message}; Job {job} is trying again"


def _delete(run: Run[Any] | None) -> tuple[Delete, ...]:
    return () if run is None or not run.uid else (Delete("Job", run.name, run.uid),)
