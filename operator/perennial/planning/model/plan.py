"""When a Model trains, and its status meanwhile."""

from collections.abc import Callable

from perennial.api import conditions
from perennial.api.conditions import ConditionType, Findings
from perennial.api.model import ModelStatus
from perennial.api.reasons import Progress, SpecReason
from perennial.api.scalars import Digest
from perennial.planning.announcements import announcements
from perennial.planning.job.cleanup import finished_jobs
from perennial.planning.job.step import Step
from perennial.planning.model import status as recorded
from perennial.planning.model.inputs import Data, Unusable, training_digest
from perennial.planning.model.observed import Observed
from perennial.planning.model.retraining import Progressed, records_after, retrain
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
    version, progressed = _step(observed)
    step = progressed.step
    deletions, next_cleanup = finished_jobs(observed.attempts, step.attempts, observed)
    removed = _surplus(observed, version)
    kept = [each for each in observed.versions if each not in removed]
    before = observed.status.conditions
    merged = conditions.merge(before, step.findings, observed.generation, observed.now)
    status = observed.status.model_copy(
        update={
            **recorded.of_versions(version, kept),
            **recorded.of_trainings(observed.status, observed.attempts, step.actions, observed.now),
            "retraining": progressed.status,
            "retrainings": records_after(observed.status.retrainings, progressed.ended),
            "observed_generation": observed.generation,
            "conditions": merged,
        }
    )
    surplus_deleted = [Delete("ModelVersion", each.name, each.uid) for each in removed]
    actions = (*deletions, *step.actions, *surplus_deleted, *announcements(before, step.findings))
    return Plan(status, actions, soonest(step.requeue_after, next_cleanup))


def _step(observed: Observed) -> tuple[Version | None, Progressed]:
    """Return the version of the current inputs, if there is one, and the next step."""
    known = observed.status.retraining
    stuck = next((findings for check in CHECKS if (findings := check(observed))), None)
    if stuck is not None:
        return None, Progressed(Step(stuck, attempts=None), known)
    data = observed.data
    if isinstance(data, Unusable):
        findings = conditions.reconciling(data.reason, data.message)
        return None, Progressed(Step(findings, attempts=None), known)
    training = training_digest(observed.spec, data.spec)
    newest = current(observed.versions, training, data)
    if newest is not None:
        version, findings = _standing(observed, newest, training, data)
        return version, retrain(observed, newest, data, training, findings)
    if data.snapshot is None or data.snapshot.contract != data.contract:
        return None, Progressed(Step(dataset_not_ready(data)), None)
    return None, Progressed(train(observed, data, data.snapshot, training), None)


def _standing(
    observed: Observed, newest: Version, training: Digest, data: Data
) -> tuple[Version, Findings]:
    """Return the version that stands for the current inputs: a retrained one that failed does not.

    What the operator began by itself must not make a Model that serves look broken.
    """
    findings = _judged(observed, newest)
    if newest.spec.trigger is None or newest.is_ready:
        return newest, findings
    others = [each for each in observed.versions if each.is_ready and each.name != newest.name]
    before = current(others, training, data)
    if before is None:
        return newest, findings
    kept = _judged(observed, before)
    if not newest.is_judged_by(policy_digest(observed.spec.validation)):
        return before, kept
    cause = newest.message_of(ConditionType.STALLED) or "it is not Ready"
    message = (
        f"{newest.name} (version {newest.number}) was retrained and may not be served: {cause}"
    )
    return before, conditions.degraded(kept, Progress.GATE_FAILED, message)


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
