"""Models for tests: say only what the test is about."""

from dataclasses import replace
from datetime import timedelta

from builders import dataset
from builders.job import CONFIGURATION, NOON, attempt
from builders.model_version import version_made_from
from perennial.api.configuration import Configuration
from perennial.api.dataset import DatasetSpec, Snapshot
from perennial.api.model import (
    DatasetReference,
    MetricGate,
    ModelSpec,
    ModelStatus,
    Recipe,
    Split,
    Training,
    TrainingJob,
    Validation,
    Versions,
)
from perennial.api.model_version import DatasetInput, Measure
from perennial.api.names import training_job_name
from perennial.api.tasks import TrainingReport
from perennial.planning.dataset.contract import contract_digest
from perennial.planning.job.attempt import Attempt, Failure
from perennial.planning.model.inputs import (
    Data,
    TrainingRequest,
    Unusable,
    inputs_digest,
    training_digest,
)
from perennial.planning.model.observed import Observed
from perennial.planning.model_version.version import Version


def spec(
    estimator: str | None = None,
    job: TrainingJob | None = None,
    split: Split | None = None,
    keep: int = 10,
    limits: tuple[MetricGate, ...] = (),
    **fields,
) -> ModelSpec:
    given = {"target": "late", "problem": "Classification", **fields}
    return ModelSpec(
        dataset=DatasetReference(name="flights"),
        training=Training(
            recipe=Recipe(estimator=estimator), split=split or Split(), job=job or TrainingJob()
        ),
        validation=Validation(metrics=limits),
        versions=Versions(keep=keep),
        **given,
    )


def at_least(limit: str, name: str = "roc_auc", enforce: str = "Required") -> MetricGate:
    return MetricGate(name=name, at_least=limit, enforce=enforce)


def at_most(limit: str, name: str = "brier_score", enforce: str = "Required") -> MetricGate:
    return MetricGate(name=name, at_most=limit, enforce=enforce)


def data(of: DatasetSpec | None = None, digit: str = "a", snapshot: Snapshot | None = None) -> Data:
    """A Dataset with a snapshot of its present contract."""
    given = of or dataset.spec(time_column="time_hour")
    taken = snapshot or dataset.snapshot(given, digit=digit)
    return Data("flights", given, contract_digest(given), taken, "SnapshotReady")


def request(of: ModelSpec | None = None, learned: Data | None = None, **changes) -> TrainingRequest:
    """What a training of this Model on these data is begun with."""
    given, source = of or spec(), learned or data()
    training = training_digest(given, source.spec)
    begun = TrainingRequest(
        inputs=inputs_digest(training, source.snapshot.digest),
        training=training,
        dataset=DatasetInput(
            name=source.name,
            contract=source.snapshot.contract,
            digest=source.snapshot.digest,
            path=source.snapshot.path,
            rows=source.snapshot.rows,
            from_=source.snapshot.from_,
            to=source.snapshot.to,
        ),
        image="job:1",
        seed=0,
        store="default",
    )
    return begun.model_copy(update=changes)


def observed(
    of: ModelSpec | None = None,
    learned: Data | Unusable | None = None,
    versions: tuple[Version, ...] = (),
    attempts: tuple[Attempt, ...] = (),
    configuration: Configuration = CONFIGURATION,
) -> Observed:
    return Observed(
        name="delay",
        namespace="delays",
        generation=3,
        spec=of or spec(),
        status=ModelStatus(),
        mistakes=(),
        revision=None,
        data=learned or data(),
        versions=versions,
        served=frozenset(),
        attempts=attempts,
        free_slots=2,
        configuration=configuration,
        now=NOON,
    )


def version(
    of: ModelSpec | None = None, learned: Data | None = None, number: int = 1, **facts
) -> Version:
    """The version that a training of this Model on these data brought."""
    given = of or spec()
    return version_made_from(request(given, learned), number, given.validation, **facts)


def report(auc: str = "0.741") -> TrainingReport:
    return TrainingReport(
        path="perennial/delays/artifacts/e/",
        digest="sha256:" + "e" * 64,
        bytes=1000,
        estimator="HistGradientBoostingClassifier",
        parameters={"max_iter": "100"},
        metric="roc_auc",
        samples=10_000,
        metrics={"roc_auc": Measure(value=auc, low="0.731", high="0.751")},
    )


def begun(
    with_request: TrainingRequest | None = None, number: int = 1, **facts
) -> Attempt[TrainingReport]:
    """A training Job at work."""
    noted = with_request or request()
    return attempt(
        number,
        training_job_name("delay", noted.inputs, number),
        request=noted.model_dump_json(by_alias=True, exclude_defaults=True),
        **facts,
    )


def trained(with_request: TrainingRequest | None = None, **facts) -> Attempt[TrainingReport]:
    """A training Job that reported."""
    given = {"report": report(), "ended": NOON, "over": True, **facts}
    return begun(with_request, **given)


def broken(
    with_request: TrainingRequest | None = None, number: int = 1, seconds_ago: float = 0, **facts
) -> Attempt[TrainingReport]:
    """A training Job that ended without a version."""
    at = NOON - timedelta(seconds=seconds_ago)
    failure = Failure(
        facts.pop("reason", "FitFailed"),
        facts.pop("message", "the estimator refused the data"),
        at,
        facts.pop("in_spec", False),
    )
    return begun(with_request, number, **{"over": True, "failure": failure, "ended": at, **facts})


def recorded(before: Observed, status: ModelStatus, *gone: str) -> Observed:
    """What is observed once a plan was carried out that only deleted and recorded."""
    left = tuple(attempt for attempt in before.attempts if attempt.name not in gone)
    kept = tuple(each for each in before.versions if each.name not in gone)
    return replace(before, status=status, attempts=left, versions=kept)
