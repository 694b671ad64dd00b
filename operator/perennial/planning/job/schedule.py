"""Attempts at one piece of work, until one succeeds: when the next begins, and as what."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from operator import itemgetter
from typing import Any

from perennial.api.configuration import Pauses
from perennial.api.digests import digest_of
from perennial.api.reasons import JobReason, Progress
from perennial.api.times import to_timedelta, to_timestamp
from perennial.planning.job.attempt import Attempt, Failure
from perennial.planning.job.manifest import (
    JobTemplate,
    attempt_job,
    settings_digest,
    template_digest,
)
from perennial.planning.job.step import JobContext
from perennial.planning.plan import Action, Create, Delete
from perennial.planning.pod.blocker import Blocker

_A_POD_APPEARS_WITHIN = timedelta(seconds=5)
_A_NODE_APPEARS_WITHIN = timedelta(seconds=15)
_THE_JOB_FOLLOWS_WITHIN = timedelta(seconds=5)
_THE_NODE_ENDS_IT_WITHIN = timedelta(seconds=30)
_UNAIDED_QUEUE = timedelta(seconds=2)


class WorkState(Enum):
    """The state of a piece of work; its owner turns it into conditions."""

    UNDER_WAY = "nothing needs to be done about it"
    FAILING = "a cause outside the spec is in the way, and it is retried"
    STUCK = "only a change of the spec helps"


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work, with every attempt at it so far."""

    template: JobTemplate
    attempts: tuple[Attempt[Any], ...]
    name: Callable[[int], str]
    """Name of the Job of an attempt, by its number."""
    reason: str
    """Why it is done: a condition's reason."""
    doing: str
    """What a Job of it does, after its name in a message: `is training`."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What becomes of a piece of work now."""

    state: WorkState
    reason: str
    message: str
    actions: tuple[Action, ...] = ()
    requeue_after: timedelta | None = None
    begun: int | None = None
    """Number of the attempt that begins with these actions."""


def next_step(work: Work, context: JobContext) -> NextStep:
    """Begin the next attempt, wait, or report what is in the way."""
    newest = max(work.attempts, key=lambda attempt: attempt.number, default=None)
    if newest is None:
        return _begin(work, context, 1)
    if newest.failure is not None:
        return _after_failure(work, context, newest, newest.failure)
    if newest.blocker is not None and _lasts(newest.blocker, context):
        return _blocked(work, context, newest, newest.blocker)
    return _at_work(work, context, newest)


def pause_after(number: int, pauses: Pauses) -> timedelta:
    """Return the pause after a failed attempt: doubled with each attempt, up to a limit."""
    doubled = to_timedelta(pauses.first_retry) * (1 << min(number - 1, 20))
    return min(doubled, to_timedelta(pauses.longest_retry))


def _begin(
    work: Work, context: JobContext, number: int, replaced: Attempt[Any] | None = None
) -> NextStep:
    """Create the Job of an attempt, unless the namespace has reached its limit of Jobs."""
    if replaced is None and context.free_slots < 1:
        return _queued(work, context)
    job = attempt_job(work.template, context.configuration, work.name(number), number)
    actions: tuple[Action, ...] = (*_delete(replaced), Create(job))
    return NextStep(*_progress(work, number), actions, _A_POD_APPEARS_WITHIN, number)


def _queued(work: Work, context: JobContext) -> NextStep:
    limit = context.configuration.limits.jobs_per_namespace
    message = (
        f"waits until one of the {limit} Jobs that may run at once in namespace "
        f"{context.namespace} is done (limits.jobsPerNamespace of the operator's configuration)"
    )
    # Spread by name, so that objects that wait do not all come back at the same moment.
    spread = timedelta(milliseconds=int(digest_of(work.name(1))[-4:], 16) % 3000)
    return NextStep(
        WorkState.UNDER_WAY, Progress.QUEUED, message, requeue_after=_UNAIDED_QUEUE + spread
    )


def _after_failure(
    work: Work, context: JobContext, attempt: Attempt[Any], failure: Failure
) -> NextStep:
    """Begin again if that may help, but never while the Job controller may still start a pod."""
    if failure.in_spec:
        if attempt.over and attempt.settings != settings_digest(work.template.run):
            return _begin(work, context, attempt.number + 1)
        return NextStep(WorkState.STUCK, failure.reason, failure.message)
    retry_at = failure.at + pause_after(attempt.number, context.configuration.pauses)
    is_time = retry_at <= context.now or _is_outdated(attempt, work, context)
    if is_time and attempt.over:
        return _begin(work, context, attempt.number + 1)
    message = f"{failure.message}; trying again at {to_timestamp(retry_at)}"
    wait = retry_at - context.now if attempt.over else _THE_JOB_FOLLOWS_WITHIN
    return NextStep(WorkState.FAILING, failure.reason, message, requeue_after=wait)


def _lasts(blocker: Blocker, context: JobContext) -> bool:
    """Return whether a blocker outlasts the short while in which a cluster finds or makes room."""
    is_room = blocker.reason == JobReason.UNSCHEDULABLE
    return context.now >= blocker.since + (_A_NODE_APPEARS_WITHIN if is_room else timedelta(0))


def _blocked(work: Work, context: JobContext, attempt: Attempt[Any], blocker: Blocker) -> NextStep:
    """Wait for the cause to go, or replace the Job when that is the faster way."""
    if _is_outdated(attempt, work, context):
        return _begin(work, context, attempt.number + 1, replaced=attempt)
    # A node ends its pods at their deadline; nothing ends a pod that never got to a node.
    deadline = to_timedelta(work.template.run.deadline)
    give_up_at = attempt.created + deadline + _THE_NODE_ENDS_IT_WITHIN
    if give_up_at <= context.now:
        return _give_up(attempt, blocker)
    # The Job controller's own pauses grow without regard to when the cause is gone.
    replace_at = attempt.created + pause_after(attempt.number, context.configuration.pauses)
    if not attempt.has_pod and replace_at <= context.now:
        return _begin(work, context, attempt.number + 1, replaced=attempt)
    waits = [give_up_at - context.now]
    if not attempt.has_pod:
        waits += [replace_at - context.now, _A_POD_APPEARS_WITHIN]
    return NextStep(WorkState.FAILING, blocker.reason, blocker.message, requeue_after=min(waits))


def _give_up(attempt: Attempt[Any], blocker: Blocker) -> NextStep:
    """Leave the slot to other work for a moment."""
    message = (
        f"{blocker.message}; Job {attempt.name} reached its deadline and makes room for others"
    )
    return NextStep(WorkState.FAILING, blocker.reason, message, _delete(attempt), _UNAIDED_QUEUE)


def _at_work(work: Work, context: JobContext, attempt: Attempt[Any]) -> NextStep:
    wait = None
    if not attempt.has_pod:
        wait = _A_POD_APPEARS_WITHIN
    elif attempt.blocker is not None:
        wait = attempt.blocker.since + _A_NODE_APPEARS_WITHIN - context.now
    return NextStep(*_progress(work, attempt.number), requeue_after=wait)


def _progress(work: Work, number: int) -> tuple[WorkState, str, str]:
    """Return state, reason and message of a Job at work; the last failure is not forgotten yet."""
    job = work.name(number)
    failures = [
        (attempt.number, attempt.failure)
        for attempt in work.attempts
        if attempt.failure is not None and attempt.number < number
    ]
    if not failures:
        return WorkState.UNDER_WAY, work.reason, f"Job {job} {work.doing}"
    _, failure = max(failures, key=itemgetter(0))
    return WorkState.FAILING, failure.reason, f"{failure.message}; Job {job} is trying again"


def _is_outdated(attempt: Attempt[Any], work: Work, context: JobContext) -> bool:
    """Return whether a Job of now would have another pod than this attempt's."""
    return attempt.template != template_digest(work.template, context.configuration)


def _delete(attempt: Attempt[Any] | None) -> tuple[Delete, ...]:
    return () if attempt is None or not attempt.uid else (Delete("Job", attempt.name, attempt.uid),)
