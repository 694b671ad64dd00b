"""When a Model trains, and what its status says meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from perennial.api import conditions
from perennial.api.conditions import ConditionType, Findings
from perennial.api.configuration import Configuration
from perennial.api.dataset import Snapshot
from perennial.api.model import ModelSpec, ModelStatus
from perennial.api.model_version import DatasetInput
from perennial.api.names import training_job_name, version_name
from perennial.api.reasons import Progress, SpecReason
from perennial.api.scalars import Digest
from perennial.api.tasks import TrainingReport
from perennial.planning.announcements import announcements
from perennial.planning.dataset.contract import store_name
from perennial.planning.job.attempt import Attempt
from perennial.planning.job.cleanup import finished_jobs
from perennial.planning.job.schedule import NextStep, Work, WorkState, next_step
from perennial.planning.job.step import Step
from perennial.planning.model import status as recorded
from perennial.planning.model.inputs import (
    Data,
    TrainingRequest,
    Unusable,
    inputs_digest,
    training_digest,
)
from perennial.planning.model.new_version import model_version
from perennial.planning.model.training_job import training_template
from perennial.planning.model.versions import current, newest_ready, surplus
from perennial.planning.model_version.gates import policy_digest
from perennial.planning.model_version.version import Version
from perennial.planning.plan import Create, Delete, Plan, PostEvent, soonest
from perennial.planning.stores import find_store, store_not_found


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the decision may depend on, gathered beforehand."""

    name: str
    namespace: str
    generation: int
    spec: ModelSpec
    status: ModelStatus
    mistakes: tuple[str, ...]
    """What is wrong with the recipe, as far as it can be seen without training."""
    revision: str | None
    """Where the manifest came from."""
    data: Data | Unusable
    versions: tuple[Version, ...]
    served: frozenset[str]
    """Versions that a ModelDeployment serves or names."""
    attempts: tuple[Attempt[TrainingReport], ...]
    free_slots: int
    configuration: Configuration
    now: datetime


Check = Callable[[Observed], Findings | None]


def recipe_is_wrong(observed: Observed) -> Findings | None:
    """The recipe names what scikit-learn does not have or does not accept."""
    if not observed.mistakes:
        return None
    return conditions.stalled(SpecReason.INVALID_SPEC, "; ".join(observed.mistakes))


def store_is_unknown(observed: Observed) -> Findings | None:
    """There is nowhere to put the artifact."""
    name = observed.spec.artifact.store
    if find_store(observed.configuration, name, observed.namespace):
        return None
    return store_not_found(observed.configuration, name, observed.namespace, "spec.artifact.store")


CHECKS: tuple[Check, ...] = (recipe_is_wrong, store_is_unknown)


def plan(observed: Observed) -> Plan[ModelStatus]:
    """Return the next step of a Model."""
    version, step = _step(observed)
    deletions, next_cleanup = finished_jobs(observed.attempts, step.attempts, observed)
    gone = _surplus(observed, version)
    stay = [each for each in observed.versions if each not in gone]
    before = observed.status.conditions
    merged = conditions.merge(before, step.findings, observed.generation, observed.now)
    status = observed.status.model_copy(
        update={
            **recorded.of_versions(version, stay),
            **recorded.of_trainings(observed.status, observed.attempts, step.actions, observed.now),
            "observed_generation": observed.generation,
            "conditions": merged,
        }
    )
    erased = [Delete("ModelVersion", each.name, each.uid) for each in gone]
    actions = (*deletions, *step.actions, *erased, *announcements(before, step.findings))
    return Plan(status, actions, soonest(step.requeue_after, next_cleanup))


def _step(observed: Observed) -> tuple[Version | None, Step]:
    """Return the version of what is wanted now, if there is one, and what is to be done."""
    stuck = next((findings for check in CHECKS if (findings := check(observed))), None)
    if stuck is not None:
        return None, Step(stuck, attempts=None)
    data = observed.data
    if isinstance(data, Unusable):
        return None, Step(conditions.reconciling(data.reason, data.message), attempts=None)
    training = training_digest(observed.spec, data.spec)
    version = current(observed.versions, training, data)
    if version is not None:
        return version, Step(_judged(observed, version))
    if data.snapshot is None or data.snapshot.contract != data.contract:
        return None, Step(_not_ready(data))
    return None, _train(observed, data, _request(observed, data, data.snapshot, training))


def _judged(observed: Observed, version: Version) -> Findings:
    """Say what the version of the current inputs says, once it is judged by today's limits."""
    named = f"{version.name} (version {version.number})"
    if not version.is_judged_by(policy_digest(observed.spec.validation)):
        return conditions.reconciling(Progress.VERSION_MADE, f"{named} is being judged")
    if version.is_ready:
        measured = f": {version.status.headline}" if version.status.headline else ""
        return conditions.ready(Progress.VERSION_READY, f"{named} may be served{measured}")
    words = version.message_of(ConditionType.STALLED) or "it is not Ready"
    return conditions.stalled(Progress.GATE_FAILED, f"{named} may not be served: {words}")


def _not_ready(data: Data) -> Findings:
    return conditions.reconciling(
        SpecReason.DATASET_NOT_READY,
        f"waits until Dataset {data.name} has a snapshot of its present contract; "
        f"it says {data.words}",
    )


def _request(
    observed: Observed, data: Data, snapshot: Snapshot, training: Digest
) -> TrainingRequest:
    """Return what to learn from: a snapshot that came during training changes nothing."""
    begun = [
        TrainingRequest.model_validate_json(attempt.request)
        for attempt in observed.attempts
        if not attempt.failure
    ]
    fitting = (
        request
        for request in begun
        if request.training == training and request.dataset.contract == data.contract
    )
    return next(fitting, None) or TrainingRequest(
        inputs=inputs_digest(training, snapshot.digest),
        training=training,
        dataset=DatasetInput(
            name=data.name,
            contract=snapshot.contract,
            digest=snapshot.digest,
            path=snapshot.path,
            rows=snapshot.rows,
            from_=snapshot.from_,
            to=snapshot.to,
        ),
        image=observed.configuration.images.training,
        seed=observed.spec.training.split.seed,
        store=observed.spec.artifact.store,
        revision=observed.revision,
    )


def _train(observed: Observed, data: Data, request: TrainingRequest) -> Step:
    """Train in as many attempts as it needs, and make the version of what a Job reports."""
    work = _work(observed, data, request)
    if work is None:
        return Step(_not_ready(data))
    if made := _version_of(observed, work):
        return made
    if oversized := work.template.oversized():
        return Step(conditions.stalled(SpecReason.INVALID_SPEC, oversized))
    result = next_step(work, observed)
    actions = (*result.actions, *_start(work, request, result))
    return Step(_findings(result), actions, result.requeue_after, work.attempts)


def _work(observed: Observed, data: Data, request: TrainingRequest) -> Work | None:
    """Return the training of these inputs; None: one of its stores is gone."""
    stores = [
        find_store(observed.configuration, name, observed.namespace)
        for name in (store_name(data.spec), request.store)
    ]
    reads, writes = stores
    if reads is None or writes is None:
        return None
    name = partial(training_job_name, observed.name, request.inputs)
    return Work(
        template=training_template(
            observed.name, observed.namespace, observed.spec, data, request, (reads, writes)
        ),
        attempts=tuple(
            attempt for attempt in observed.attempts if attempt.name == name(attempt.number)
        ),
        name=name,
        reason=Progress.TRAINING,
        doing="is training",
    )


def _start(work: Work, request: TrainingRequest, result: NextStep) -> tuple[PostEvent, ...]:
    if result.begun is None:
        return ()
    message = (
        f"Job {work.name(result.begun)} learns from {request.dataset.rows} rows of "
        f"Dataset {request.dataset.name}, {request.dataset.digest}"
    )
    return (PostEvent("Normal", Progress.TRAINING, message),)


def _findings(result: NextStep) -> Findings:
    if result.state is WorkState.STUCK:
        return conditions.stalled(result.reason, result.message)
    return conditions.reconciling(result.reason, result.message)


def _version_of(observed: Observed, work: Work) -> Step | None:
    """Make the version that a Job reported, once: its number is no function of its inputs."""
    done = [(attempt, attempt.report) for attempt in work.attempts if attempt.report is not None]
    for attempt, report in done[:1]:
        request = TrainingRequest.model_validate_json(attempt.request)
        number = max((version.number for version in observed.versions), default=0) + 1
        named = f"{version_name(observed.name, request.inputs)} (version {number})"
        made = Create(model_version(observed.name, observed.namespace, number, request, report))
        event = PostEvent("Normal", Progress.VERSION_MADE, f"{named} comes from Job {attempt.name}")
        findings = conditions.reconciling(Progress.VERSION_MADE, f"{named} is being judged")
        return Step(findings, (made, event), attempts=work.attempts)
    return None


def _surplus(observed: Observed, version: Version | None) -> list[Version]:
    """Return the versions that nobody serves and nothing hangs on, beyond those that stay."""
    ready = newest_ready(observed.versions)
    needed = {each.name for each in (version, ready) if each is not None}
    return surplus(observed.versions, observed.spec.versions.keep, observed.served | needed)
