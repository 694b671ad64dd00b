"""When a Model trains, and its status meanwhile."""

from collections.abc import Callable

from perennial.api import conditions
from perennial.api.conditions import ConditionType, Findings
from perennial.api.model import ModelStatus
from perennial.api.reasons import Progress, SpecReason
from perennial.planning.announcements import announcements
from perennial.planning.job.cleanup import finished_jobs
from perennial.planning.job.step import Step
from perennial.planning.model import status as recorded
from perennial.planning.model.inputs import Unusable, training_digest
from perennial.planning.model.observed import Observed
from perennial.planning.model.training import dataset_not_ready, train
from perennial.planning.model.versions import current, newest_ready, surplus
from perennial.planning.model_version.gates import policy_digest
from perennial.planning.model_version.version import Version
from perennial.planning.plan import Delete, Plan, soonest
from perennial.planning.stores import find_store, store_not_found

Check = Callable[[Observed], Findings | None]


def recipe_is_wrong(observed: Observed) -> Findings | None:
    """The recipe has a name or a value that scikit-learn does not have or does not accept."""
    if not observed.mistakes:
        return None
    return conditions.stalled(SpecReason.INVALID_SPEC, "; ".join(observed.mistakes))


def store_is_unknown(observed: Observed) -> Findings | None:
    """The store of the artifact is not one of this namespace."""
    name = observed.spec.artifact.store
    if find_store(observed.configuration, name, observed.namespace):
        return None
    return store_not_found(observed.configuration, name, observed.namespace, "spec.artifact.store")


CHECKS: tuple[Check, ...] = (recipe_is_wrong, store_is_unknown)


def plan(observed: Observed) -> Plan[ModelStatus]:
    """Return the next step of a Model."""
    version, step = _step(observed)
    deletions, next_cleanup = finished_jobs(observed.attempts, step.attempts, observed)
    removed = _surplus(observed, version)
    kept = [each for each in observed.versions if each not in removed]
    before = observed.status.conditions
    merged = conditions.merge(before, step.findings, observed.generation, observed.now)
    status = observed.status.model_copy(
        update={
            **recorded.of_versions(version, kept),
            **recorded.of_trainings(observed.status, observed.attempts, step.actions, observed.now),
            "observed_generation": observed.generation,
            "conditions": merged,
        }
    )
    surplus_deleted = [Delete("ModelVersion", each.name, each.uid) for each in removed]
    actions = (*deletions, *step.actions, *surplus_deleted, *announcements(before, step.findings))
    return Plan(status, actions, soonest(step.requeue_after, next_cleanup))


def _step(observed: Observed) -> tuple[Version | None, Step]:
    """Return the version of the current inputs, if there is one, and the next step."""
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
        return None, Step(dataset_not_ready(data))
    return None, train(observed, data, data.snapshot, training)


def _judged(observed: Observed, version: Version) -> Findings:
    """Return the findings of a Model with a version: its own verdict, by the current gates."""
    named = f"{version.name} (version {version.number})"
    if not version.is_judged_by(policy_digest(observed.spec.validation)):
        return conditions.reconciling(Progress.VERSION_MADE, f"{named} is being judged")
    if version.is_ready:
        measured = f": {version.status.headline}" if version.status.headline else ""
        return conditions.ready(Progress.VERSION_READY, f"{named} may be served{measured}")
    cause = version.message_of(ConditionType.STALLED) or "it is not Ready"
    return conditions.stalled(Progress.GATE_FAILED, f"{named} may not be served: {cause}")


def _surplus(observed: Observed, version: Version | None) -> list[Version]:
    """Return the versions beyond `spec.versions.keep` that are neither served nor needed."""
    ready = newest_ready(observed.versions)
    needed = {each.name for each in (version, ready) if each is not None}
    return surplus(observed.versions, observed.spec.versions.keep, observed.served | needed)
