"""Retraining: what triggers it, what holds it back, and how far it is.

Every arrow is one status that the next look reads: the record comes before the effect.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from perennial.api import conditions
from perennial.api.conditions import Findings
from perennial.api.dataset import Snapshot
from perennial.api.reasons import Progress
from perennial.api.retraining import Outcome, RetrainingRecord, RetrainingStatus, Trigger
from perennial.api.scalars import Digest
from perennial.api.times import to_timedelta, to_timestamp
from perennial.planning.job.step import Step
from perennial.planning.model.inputs import Data, inputs_digest
from perennial.planning.model.observed import Observed
from perennial.planning.model.training import train
from perennial.planning.model_version.version import Version

MOST_RECORDS: Final = 31


@dataclass(frozen=True, slots=True)
class Progressed:
    """One look at the retraining of a Model that has a version of its current inputs."""

    step: Step
    status: RetrainingStatus | None
    ended: RetrainingRecord | None = None


def retrain(
    observed: Observed, version: Version, data: Data, training: Digest, judged: Findings
) -> Progressed:
    """Return the next step; `judged` are the findings of the Model as it stands.

    What the operator begins by itself leaves the Model as Ready as it was.
    """
    status = observed.status.retraining
    if status is not None and status.state == "Waiting":
        return _waiting(observed, data, training, judged, status)
    if status is not None and status.state == "Training":
        return _training(observed, version, data, training, judged, status)
    trigger = _trigger(observed, version, data)
    if trigger is None:
        return Progressed(Step(judged, requeue_after=_until_due(observed, version)), status)
    held = _held(observed, version, trigger)
    if held is not None:
        wait = held.until - observed.now if held.until else None
        return Progressed(Step(judged, requeue_after=wait), held)
    message = f"waits for a snapshot of Dataset {data.name} taken since {to_timestamp(trigger.at)}"
    begun = RetrainingStatus(trigger=trigger, state="Waiting", message=message)
    return Progressed(Step(judged, requeue_after=timedelta(0)), begun)


def records_after(
    known: tuple[RetrainingRecord, ...], ended: RetrainingRecord | None
) -> tuple[RetrainingRecord, ...]:
    """Return the newest records, newest first."""
    return (ended, *known)[:MOST_RECORDS] if ended else known


def _trigger(observed: Observed, version: Version, data: Data) -> Trigger | None:
    """Return what makes a retraining due now."""
    rules, now = observed.spec.retraining, observed.now.replace(microsecond=0)
    due = _until_due(observed, version)
    if rules.every and due is not None and due <= timedelta(0):
        reason = f"the last training is older than retraining.every ({rules.every})"
        return Trigger(kind="Schedule", reason=reason, at=now)
    snapshot = data.snapshot
    if rules.new_data == "Train" and snapshot and _is_new(observed, version, data, snapshot):
        reason = f"Dataset {data.name} has a snapshot with other rows"
        return Trigger(kind="NewData", reason=reason, at=snapshot.taken_at)
    return None


def _is_new(observed: Observed, version: Version, data: Data, snapshot: Snapshot) -> bool:
    last = _last_training(observed, version)
    is_later = last is None or snapshot.taken_at > last
    is_current = snapshot.contract == data.contract
    return is_later and is_current and snapshot.digest != version.spec.inputs.dataset.digest


def _until_due(observed: Observed, version: Version) -> timedelta | None:
    """Return the time until the schedule makes a retraining due; None without a schedule."""
    every, last = observed.spec.retraining.every, _last_training(observed, version)
    if every is None or last is None or observed.spec.retraining.suspend:
        return None
    return last + to_timedelta(every) - observed.now


def _last_training(observed: Observed, version: Version) -> datetime | None:
    """Return when the Model learned last, or found that there was nothing new to learn."""
    ended = [record.at for record in observed.status.retrainings[:1]]
    made = [version.created_at] if version.created_at else []
    return max((*ended, *made), default=None)


def _held(observed: Observed, version: Version, trigger: Trigger) -> RetrainingStatus | None:
    """Return the limit that holds a retraining back; None if it may begin."""
    rules = observed.spec.retraining
    if rules.suspend:
        message = "retraining.suspend is true: set it to false to go on"
        return RetrainingStatus(trigger=trigger, state="Held", message=message)
    last = _last_training(observed, version)
    rested = last + to_timedelta(rules.cooldown) if last else observed.now
    if rested > observed.now:
        message = f"retraining.cooldown ({rules.cooldown}) ends at {to_timestamp(rested)}"
        return RetrainingStatus(trigger=trigger, state="Held", until=rested, message=message)
    month = _month(observed.now)
    done = [each for each in observed.status.retrainings if each.outcome == "Done"]
    if sum(_month(each.at) == month for each in done) < rules.per_month:
        return None
    until = _next_month(observed.now)
    message = f"retraining.perMonth ({rules.per_month}) is reached until {to_timestamp(until)}"
    return RetrainingStatus(trigger=trigger, state="Held", until=until, message=message)


def _waiting(
    observed: Observed, data: Data, training: Digest, judged: Findings, status: RetrainingStatus
) -> Progressed:
    """Wait for rows that are new enough, and begin with them unless they were learned before."""
    snapshot = data.snapshot
    if snapshot is None or snapshot.contract != data.contract:
        return Progressed(Step(judged), status)
    if snapshot.taken_at < status.trigger.at:
        return Progressed(Step(judged), status)
    learned = inputs_digest(training, snapshot.digest)
    known = next((each for each in observed.versions if each.spec.inputs.digest == learned), None)
    if known is not None:
        message = f"the rows of {snapshot.digest} were learned by {known.name}"
        step = Step(judged, requeue_after=timedelta(0))
        return _ended(step, status, "NothingNewToLearn", known, message)
    message = f"learns from {snapshot.rows} rows taken {to_timestamp(snapshot.taken_at)}"
    begun = status.model_copy(update={"state": "Training", "message": message})
    return Progressed(Step(judged, requeue_after=timedelta(0)), begun)


def _training(
    observed: Observed,
    version: Version,
    data: Data,
    training: Digest,
    judged: Findings,
    status: RetrainingStatus,
) -> Progressed:
    """Train; a version with this very trigger ends the retraining."""
    trained = next(
        (each for each in observed.versions if each.spec.trigger == status.trigger), None
    )
    if trained is not None:
        message = f"{trained.name} was trained"
        return _ended(Step(judged), status, "Done", trained, message)
    if data.snapshot is None or data.snapshot.contract != data.contract:
        return Progressed(Step(judged, attempts=None), status)
    step = train(observed, data, data.snapshot, training, status.trigger)
    return Progressed(_as_ready(step, judged, version), status)


def _ended(
    step: Step, status: RetrainingStatus, outcome: Outcome, version: Version, message: str
) -> Progressed:
    """Return the end of a retraining, with the version that answers its trigger."""
    trigger, update = status.trigger, {"state": outcome, "message": message}
    record = RetrainingRecord(
        at=trigger.at, kind=trigger.kind, version=version.name, outcome=outcome
    )
    return Progressed(step, status.model_copy(update=update), record)


def _as_ready(step: Step, judged: Findings, version: Version) -> Step:
    """Return the step of a training with the findings of the version that serves meanwhile."""
    failing = {*step.findings.values()} - {*judged.values()}
    blocked = next(
        (
            each
            for each in failing
            if each.reason not in (Progress.TRAINING, Progress.VERSION_MADE, Progress.QUEUED)
        ),
        None,
    )
    findings = judged
    if blocked is not None:
        message = f"{version.name} stays: the retraining is held up: {blocked.message}"
        findings = conditions.degraded(judged, blocked.reason, message)
    return Step(findings, step.actions, step.requeue_after, step.attempts)


def _month(at: datetime) -> tuple[int, int]:
    moment = at.astimezone(UTC)
    return moment.year, moment.month


def _next_month(at: datetime) -> datetime:
    year, month = _month(at)
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
