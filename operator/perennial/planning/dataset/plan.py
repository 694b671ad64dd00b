"""When a Dataset takes a snapshot, and what its status says meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from perennial.api import conditions
from perennial.api.conditions import Findings
from perennial.api.configuration import Configuration, Store
from perennial.api.dataset import DatasetSpec, DatasetStatus, QualityReport, Snapshot
from perennial.api.digests import digest_of
from perennial.api.gate import Outcome
from perennial.api.names import snapshot_job_name
from perennial.api.reasons import Progress, SpecReason
from perennial.api.scalars import Digest
from perennial.api.tasks import SnapshotReport
from perennial.api.times import to_timedelta, to_timestamp
from perennial.planning.announcements import announcements
from perennial.planning.dataset.contract import store_name
from perennial.planning.dataset.snapshot_job import snapshot_template
from perennial.planning.job.attempt import Attempt
from perennial.planning.job.cleanup import finished_jobs
from perennial.planning.job.schedule import Work, WorkState, next_step
from perennial.planning.job.step import Step
from perennial.planning.plan import Plan, PostEvent, soonest
from perennial.planning.stores import find_store, store_not_found


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the decision may depend on, gathered beforehand."""

    name: str
    namespace: str
    generation: int
    spec: DatasetSpec
    contract: Digest
    """Identity of the spec's contract."""
    status: DatasetStatus
    attempts: tuple[Attempt[SnapshotReport], ...]
    free_slots: int
    configuration: Configuration
    now: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Why a snapshot is to be taken now, and the digest that makes the names of its Jobs unique."""

    reason: Progress
    trigger: Digest


Check = Callable[[Observed], Due | None]


def never_taken(observed: Observed) -> Due | None:
    """There is no snapshot yet."""
    if observed.status.snapshot is None:
        return Due(Progress.FIRST_SNAPSHOT, digest_of([observed.contract, "first"]))
    return None


def contract_changed(observed: Observed) -> Due | None:
    """The newest snapshot was taken under another contract."""
    snapshot = observed.status.snapshot
    if snapshot and snapshot.contract != observed.contract:
        return Due(Progress.CONTRACT_CHANGED, _trigger(observed.contract, snapshot))
    return None


def refresh_due(observed: Observed) -> Due | None:
    """The newest snapshot is older than the refresh interval."""
    wait = _until_refresh(observed)
    if observed.status.snapshot and wait is not None and wait <= timedelta(0):
        trigger = _trigger(observed.contract, observed.status.snapshot)
        return Due(Progress.REFRESH_DUE, trigger)
    return None


DUE: tuple[Check, ...] = (never_taken, contract_changed, refresh_due)


def plan(observed: Observed) -> Plan[DatasetStatus]:
    """Return the next step of a Dataset."""
    before = observed.status.conditions
    status, taken = _adopt(observed)
    observed = replace(observed, status=status)
    step = _step(observed)
    deletions, next_cleanup = finished_jobs(observed.attempts, step.attempts, observed)
    merged = conditions.merge(before, step.findings, observed.generation, observed.now)
    status = observed.status.model_copy(
        update={"observed_generation": observed.generation, "conditions": merged}
    )
    actions = (*deletions, *step.actions, *taken, *announcements(before, step.findings))
    return Plan(status, actions, soonest(step.requeue_after, next_cleanup))


def _step(observed: Observed) -> Step:
    name = store_name(observed.spec)
    store = find_store(observed.configuration, name, observed.namespace)
    if store is None:
        return Step(
            store_not_found(
                observed.configuration, name, observed.namespace, "spec.source.object.store"
            ),
            attempts=None,
        )
    if due := _due(observed):
        return _take(observed, due, store)
    snapshot = observed.status.snapshot
    if snapshot is None:  # never_taken would have been due
        raise AssertionError(observed.name)
    return Step(_snapshot_ready(snapshot, observed), requeue_after=_until_refresh(observed))


def _due(observed: Observed) -> Due | None:
    return next((due for check in DUE if (due := check(observed))), None)


def _take(observed: Observed, due: Due, store: Store) -> Step:
    """Take the snapshot that is due, in as many attempts as it needs."""
    work = _work(observed, due, store)
    if oversized := work.template.oversized():
        return Step(conditions.stalled(SpecReason.INVALID_SPEC, oversized))
    result = next_step(work, observed)
    findings = _findings(observed, result.state, result.reason, result.message)
    return Step(findings, result.actions, result.requeue_after, work.attempts)


def _work(observed: Observed, due: Due, store: Store) -> Work:
    newest = observed.status.snapshot
    # A changed contract may change types on purpose.
    previous = newest.path if newest and newest.contract == observed.contract else None
    return Work(
        template=snapshot_template(
            observed.name, observed.namespace, observed.spec, observed.contract, previous, store
        ),
        attempts=_attempts(observed, due),
        name=partial(snapshot_job_name, observed.name, due.trigger),
        reason=due.reason,
        doing="is taking a snapshot",
    )


def _findings(observed: Observed, state: WorkState, reason: str, message: str) -> Findings:
    """Say how a snapshot stands; one that no spec asked for leaves Ready what still answers."""
    answers = _still_answers(observed)
    if answers:
        is_well = state is WorkState.UNDER_WAY
        return answers if is_well else conditions.degraded(answers, reason, message)
    if state is WorkState.STUCK:
        return conditions.stalled(reason, message)
    return conditions.reconciling(reason, message)


def _adopt(observed: Observed) -> tuple[DatasetStatus, tuple[PostEvent, ...]]:
    """Return the status with the snapshot that was due, if a Job of that trigger reported it."""
    before, due = observed.status, _due(observed)
    attempts = _attempts(observed, due) if due else ()
    taken = [_snapshot(attempt, attempt.report) for attempt in attempts if attempt.report][:1]
    status = before.model_copy(
        update={
            "snapshot": taken[0] if taken else before.snapshot,
            "quality": _newest_judgement(observed.attempts) or before.quality,
            "history": (*taken, *before.history)[: observed.spec.keep],
        }
    )
    return status, tuple(_taken_event(snapshot) for snapshot in taken)


def _attempts(observed: Observed, due: Due) -> tuple[Attempt[SnapshotReport], ...]:
    """Return the Jobs of one trigger: no two triggers share a name."""
    name = partial(snapshot_job_name, observed.name, due.trigger)
    return tuple(attempt for attempt in observed.attempts if attempt.name == name(attempt.number))


def _newest_judgement(attempts: Sequence[Attempt[SnapshotReport]]) -> QualityReport | None:
    """Return the judgement of the newest attempt that came as far as one."""
    newest_first = sorted(
        (attempt for attempt in attempts if attempt.ended), key=attrgetter("ended"), reverse=True
    )
    outcomes = (attempt.report or attempt.failure for attempt in newest_first)
    return next((each.quality for each in outcomes if each and each.quality), None)


def _taken_event(snapshot: Snapshot) -> PostEvent:
    message = f"{snapshot.rows} rows taken {to_timestamp(snapshot.taken_at)}: {snapshot.digest}"
    return PostEvent("Normal", Progress.SNAPSHOT_TAKEN, message)


def _snapshot(attempt: Attempt[SnapshotReport], report: SnapshotReport) -> Snapshot:
    return Snapshot(
        digest=report.digest,
        contract=attempt.request,
        path=report.path,
        rows=report.rows,
        from_=report.from_,
        to=report.to,
        bytes=report.bytes,
        taken_at=attempt.ended or attempt.created,
    )


def _trigger(contract: Digest, replaced: Snapshot) -> Digest:
    return digest_of([contract, replaced.digest, to_timestamp(replaced.taken_at)])


def _until_refresh(observed: Observed) -> timedelta | None:
    """Return how long the newest snapshot is fresh; no time is left when it is negative."""
    snapshot, refresh = observed.status.snapshot, observed.spec.refresh
    if snapshot is None or refresh is None:
        return None
    return snapshot.taken_at + to_timedelta(refresh.every) - observed.now


def _still_answers(observed: Observed) -> Findings | None:
    """Return what the newest snapshot says while the contract is the one it was taken under."""
    snapshot = observed.status.snapshot
    if snapshot is None or snapshot.contract != observed.contract:
        return None
    return _snapshot_ready(snapshot, observed)


def _snapshot_ready(snapshot: Snapshot, observed: Observed) -> Findings:
    quality = observed.status.quality
    warns = quality is not None and quality.outcome is Outcome.WARNED
    message = (
        f"{snapshot.rows} rows taken {to_timestamp(snapshot.taken_at)}"
        f"{'; some checks warn: see status.quality' if warns else ''}"
    )
    return conditions.ready(Progress.SNAPSHOT_READY, message)
