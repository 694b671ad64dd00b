"""Datasets for tests: say only what the test is about."""

from datetime import UTC, datetime, timedelta

from builders.job import CONFIGURATION, NOON, attempt
from perennial.api.configuration import Configuration
from perennial.api.dataset import (
    DatasetSpec,
    DatasetStatus,
    ObjectSource,
    QualityCheck,
    QualityReport,
    Refresh,
    Snapshot,
    Source,
    VolumeSource,
)
from perennial.api.gate import Outcome
from perennial.api.names import snapshot_job_name
from perennial.api.tasks import SnapshotReport
from perennial.planning.dataset.contract import contract_digest
from perennial.planning.dataset.observed import Observed
from perennial.planning.job.attempt import Attempt, Failure

JANUARY = datetime(2013, 1, 1, tzinfo=UTC)
PASSED = QualityReport(outcome=Outcome.PASSED, passed=7)
FAILED = QualityReport(
    outcome=Outcome.FAILED,
    passed=6,
    checks=(
        QualityCheck(
            name="maxMissing",
            column="dep_delay",
            outcome=Outcome.FAILED,
            observed="0.09",
            limit="0.05",
        ),
    ),
)


def spec(path: str = "flights/", every: str | None = None, **fields) -> DatasetSpec:
    fields.setdefault("source", Source(object=ObjectSource(path=path)))
    if every:
        fields["refresh"] = Refresh(every=every)
    return DatasetSpec(**fields)


def on_a_volume(claim: str = "exports") -> DatasetSpec:
    return spec(source=Source(volume=VolumeSource(claim_name=claim, path="flights/")))


def snapshot(of: DatasetSpec, hours_ago: float = 1, digit: str = "a") -> Snapshot:
    return Snapshot(
        digest=f"sha256:{digit * 64}",
        contract=contract_digest(of),
        path=f"perennial/delays/snapshots/{digit}/",
        rows=50_000,
        from_=JANUARY,
        to=JANUARY + timedelta(days=59),
        bytes=4096,
        taken_at=NOON - timedelta(hours=hours_ago),
    )


def report(digit: str = "a", quality: QualityReport = PASSED, rows: int = 50_000) -> SnapshotReport:
    return SnapshotReport(
        digest=f"sha256:{digit * 64}",
        path=f"perennial/delays/snapshots/{digit}/",
        rows=rows,
        from_=JANUARY,
        to=JANUARY + timedelta(days=59),
        bytes=4096,
        quality=quality,
    )


def observed(
    of: DatasetSpec,
    newest: Snapshot | None = None,
    attempts: tuple[Attempt, ...] = (),
    configuration: Configuration = CONFIGURATION,
    free_slots: int = 2,
) -> Observed:
    status = DatasetStatus(snapshot=newest, history=(newest,) if newest else ())
    return Observed(
        name="flights",
        namespace="delays",
        generation=3,
        spec=of,
        contract=contract_digest(of),
        status=status,
        attempts=attempts,
        free_slots=free_slots,
        wanted_since=None,
        configuration=configuration,
        now=NOON,
    )


def taken(of: DatasetSpec, name: str, minutes_ago: float = 0, **facts) -> Attempt[SnapshotReport]:
    """A Job that reported a snapshot."""
    ended = NOON - timedelta(minutes=minutes_ago)
    reported = facts.pop("says", report(facts.pop("digit", "b")))
    return attempt(
        name=name, request=contract_digest(of), report=reported, ended=ended, over=True, **facts
    )


def broken(of: DatasetSpec, name: str, minutes_ago: float = 0, **facts) -> Attempt[SnapshotReport]:
    """A Job that ended without a snapshot."""
    at = NOON - timedelta(minutes=minutes_ago)
    failure = Failure(
        facts.pop("reason", "QualityFailed"),
        "dep_delay: 0.09 missing, limit 0.05",
        at,
        facts.pop("in_spec", False),
        facts.pop("quality", None),
    )
    facts.setdefault("over", True)
    return attempt(name=name, request=contract_digest(of), failure=failure, ended=at, **facts)


def job_name(trigger: str, number: int = 1) -> str:
    return snapshot_job_name("flights", trigger, number)
