"""When a Dataset takes a snapshot, and its status meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from perennial.api import conditions
from perennial.api.conditions import Findings
from perennial.api.configuration import Store
from perennial.api.dataset import DatasetStatus, QualityReport, Snapshot
from perennial.api.gate import Outcome
from perennial.api.names import snapshot_job_name
from perennial.api.reasons import Progress, SpecReason
from perennial.api.tasks import SnapshotReport
from perennial.api.times import to_timestamp
from perennial.planning.announcements import announcements
from perennial.planning.dataset.contract import store_name
from perennial.planning.dataset.due import Due, due_or_fresh, until_refresh
from perennial.planning.dataset.observed import Observed
from perennial.planning.dataset.snapshot_job import snapshot_template
from perennial.planning.job.attempt import Attempt
from perennial.planning.job.cleanup import finished_jobs
from perennial.planning.job.schedule import Work, WorkState, next_step
from perennial.planning.job.step import Step
from perennial.planning.plan import Plan, PostEvent, soonest
from perennial.planning.stores import find_store, store_not_found


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
    due = due_or_fresh(observed)
    if isinstance(due, Due):
        return _take(observed, due, store)
    return Step(_snapshot_ready(due, observed), requeue_after=until_refresh(observed, due))


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
    """Return the findings while a snapshot is taken.

    A refresh leaves the Dataset Ready: its last snapshot has the same contract.
    """
    ready = _still_ready(observed)
    if ready:
        is_well = state is WorkState.UNDER_WAY
        return ready if is_well else conditions.degraded(ready, reason, message)
    if state is WorkState.STUCK:
        return conditions.stalled(reason, message)
    return conditions.reconciling(reason, message)


def _adopt(observed: Observed) -> tuple[DatasetStatus, tuple[PostEvent, ...]]:
    """Return the status with the snapshot that a Job of the due trigger reported, and its Event."""
    before, due = observed.status, due_or_fresh(observed)
    attempts = _attempts(observed, due) if isinstance(due, Due) else ()
    taken = [_snapshot(attempt, attempt.report) for attempt in attempts if attempt.report][:1]
    status = before.model_copy(
        update={
            "snapshot": taken[0] if taken else before.snapshot,
            "quality": _newest_quality(observed.attempts) or before.quality,
            "history": (*taken, *before.history)[: observed.spec.keep],
        }
    )
    return status, tuple(_taken_event(snapshot) for snapshot in taken)


def _attempts(observed: Observed, due: Due) -> tuple[Attempt[SnapshotReport], ...]:
    """Return the attempts at one trigger: Jobs of different triggers differ in name."""
    name = partial(snapshot_job_name, observed.name, due.trigger)
    return tuple(attempt for attempt in observed.attempts if attempt.name == name(attempt.number))


def _newest_quality(attempts: Sequence[Attempt[SnapshotReport]]) -> QualityReport | None:
    """Return the report of the newest attempt whose rows were checked."""
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


def _still_ready(observed: Observed) -> Findings | None:
    """Return the findings of the newest snapshot, if it was taken under the current contract."""
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
