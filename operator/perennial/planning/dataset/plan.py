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
from perennial.planning.job.attempt import Run
from perennial.planning.job.cleanup import tidy
from perennial.planning.job.schedule import Standing, Undertaking, advance
from perennial.planning.job.step import Turn
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
    runs: tuple[Run[SnapshotReport], ...]
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
    turn = _next_turn(observed)
    deletions, tidy_again = tidy(observed.runs, turn.attempts, observed)
    merged = conditions.merge(before, turn.findings, observed.generation, observed.now)
    status = observed.status.model_copy(
        update={"observed_generation": observed.generation, "conditions": merged}
    )
    actions = (*deletions, *turn.actions, *taken, *announcements(before, turn.findings))
    return Plan(status, actions, soonest(turn.requeue_after, tidy_again))


def _next_turn(observed: Observed) -> Turn:
    name = store_name(observed.spec)
    store = find_store(observed.configuration, name, observed.namespace)
    if store is None:
        return Turn(
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
    return Turn(_snapshot_ready(snapshot, observed), requeue_after=_until_refresh(observed))


def _due(observed: Observed) -> Due | None:
    return next((due for check in DUE if (due := check(observed))), None)


def _take(observed: Observed, due: Due, store: Store) -> Turn:
    """Take the snapshot that is due, in as many attempts as it needs."""
    work = _undertaking(observed, due, store)
    if oversized := work.template.oversized():
        return Turn(conditions.stalled(SpecReason.INVALID_SPEC, oversized))
    result = advance(work, observed)
    findings = _say(observed, result.standing, result.reason, result.message)
    return Turn(findings, result.actions, result.requeue_after, work.runs)


def _undertaking(observed: Observed, due: Due, store: Store) -> Undertaking:
    newest = observed.status.snapshot
    # A changed contract may change types on purpose.
    previous = newest.path if newest and newest.contract == observed.contract else None
    return Undertaking(
        template=snapshot_template(
            observed.name, observed.namespace, observed.spec, observed.contract, previous, store
        ),
        runs=_attempts(observed, due),
        name=partial(snapshot_job_name, observed.name, due.trigger),
        reason=due.reason,
        doing="is taking a snapshot",
    )


def _say(observed: Observed, standing: Standing, reason: str, message: str) -> Findings:
    """Say how a snapshot stands; one that no spec asked for leaves Ready what still answers."""
    answers = _still_answers(observed)
    if answers:
        is_well = standing is Standing.UNDER_WAY
        return answers if is_well else conditions.degraded(answers, reason, message)
    if standing is Standing.STUCK:
        return conditions.stalled(reason, message)
    return conditions.reconciling(reason, message)


def _adopt(observed: Observed) -> tuple[DatasetStatus, tuple[PostEvent, ...]]:
    """Return the status with the snapshot that was due, if a Job of that trigger reported it."""
    before, due = observed.status, _due(observed)
    attempts = _attempts(observed, due) if due else ()
    taken = [_snapshot(run, run.report) for run in attempts if run.report][:1]
    status = before.model_copy(
        update={
            "snapshot": taken[0] if taken else before.snapshot,
            "quality": _newest_judgement(observed.runs) or before.quality,
            "history": (*taken, *before.history)[: observed.spec.keep],
        }
    )
    return status, tuple(_taken_event(snapshot) for snapshot in taken)


def _attempts(observed: Observed, due: Due) -> tuple[Run[SnapshotReport], ...]:
    """Return the Jobs of one trigger: no two triggers share a name."""
    name = partial(snapshot_job_name, observed.name, due.trigger)
    return tuple(run for run in observed.runs if run.name == name(run.attempt))


def _newest_judgement(runs: Sequence[Run[SnapshotReport]]) -> QualityReport | None:
    """Return the judgement of the newest attempt that came as far as one."""
    newest_first = sorted((run for run in runs if run.ended), key=attrgetter("ended"), reverse=True)
    outcomes = (run.report or run.failure for run in newest_first)
    return next((each.quality for each in outcomes if each and each.quality), None)


def _taken_event(snapshot: Snapshot) -> PostEvent:
    message = f"{snapshot.rows} rows taken {to_timestamp(snapshot.taken_at)}: {snapshot.digest}"
    return PostEvent("Normal", Progress.SNAPSHOT_TAKEN, message)


def _snapshot(run: Run[SnapshotReport], report: SnapshotReport) -> Snapshot:
    return Snapshot(
        digest=report.digest,
        contract=run.request,
        path=report.path,
        rows=report.rows,
        from_=report.from_,
        to=report.to,
        bytes=report.bytes,
        taken_at=run.ended or run.created,
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
