"""The training of a Model: its inputs, its Jobs, and the version that one of them reports."""

from functools import partial

from perennial.api import conditions
from perennial.api.conditions import Findings
from perennial.api.dataset import Snapshot
from perennial.api.model_version import DatasetInput
from perennial.api.names import training_job_name, version_name
from perennial.api.reasons import Progress, SpecReason
from perennial.api.retraining import Trigger
from perennial.api.scalars import Digest
from perennial.planning.dataset.contract import store_name
from perennial.planning.job.schedule import NextStep, Work, WorkState, next_step
from perennial.planning.job.step import Step
from perennial.planning.model.inputs import Data, TrainingRequest, inputs_digest
from perennial.planning.model.new_version import model_version
from perennial.planning.model.observed import Observed
from perennial.planning.model.training_job import training_template
from perennial.planning.plan import Create, PostEvent
from perennial.planning.stores import find_store


def train(
    observed: Observed,
    data: Data,
    snapshot: Snapshot,
    training: Digest,
    trigger: Trigger | None = None,
) -> Step:
    """Train in as many attempts as it needs, then create the version that a Job reported.

    A retraining has a trigger; a Job of another one does not answer for it.
    """
    request = _request(observed, data, snapshot, training, trigger)
    work = _work(observed, data, request)
    if work is None:
        return Step(dataset_not_ready(data))
    if made := _version_of(observed, work):
        return made
    if oversized := work.template.oversized():
        return Step(conditions.stalled(SpecReason.INVALID_SPEC, oversized))
    result = next_step(work, observed)
    actions = (*result.actions, *_start(work, request, result))
    return Step(_findings(result), actions, result.requeue_after, work.attempts)


def dataset_not_ready(data: Data) -> Findings:
    """Return the findings of a Model whose Dataset has no snapshot to learn from."""
    return conditions.reconciling(
        SpecReason.DATASET_NOT_READY,
        f"waits until Dataset {data.name} has a snapshot of its current contract; "
        f"the reason of its Ready condition is {data.ready_reason}",
    )


def _request(
    observed: Observed,
    data: Data,
    snapshot: Snapshot,
    training: Digest,
    trigger: Trigger | None,
) -> TrainingRequest:
    """Return what to learn from.

    A training that has begun goes on with its own inputs, whatever snapshots come meanwhile.
    """
    begun = [
        TrainingRequest.model_validate_json(attempt.request)
        for attempt in observed.attempts
        if not attempt.failure
    ]
    fitting = (
        request
        for request in begun
        if request.training == training
        and request.dataset.contract == data.contract
        and request.trigger == trigger
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
        trigger=trigger,
    )


def _work(observed: Observed, data: Data, request: TrainingRequest) -> Work | None:
    """Return the training of these inputs; None if one of its stores is no longer configured."""
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
    """Create the version that a Job reported.

    It is created once and for all: its number depends on the versions before it.
    """
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
