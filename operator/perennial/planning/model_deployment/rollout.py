"""The state of a rollout: the revision that serves, the one that grows, and the target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from perennial.api.analysis import Analysis
from perennial.api.conditions import Condition, ConditionType
from perennial.api.model_deployment import LATEST, RevisionStatus
from perennial.api.reasons import SpecReason
from perennial.api.rollout_status import RejectedRevision, RolloutStatus
from perennial.api.times import to_timedelta
from perennial.planning.model_deployment.analysis import question_of, rules_for
from perennial.planning.model_deployment.decided import NOTHING_DUE, Due, Subject, due
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.rejections import rejected_revisions
from perennial.planning.model_deployment.revision import Definition
from perennial.planning.model_deployment.roles import define, definitions_of, roles_of
from perennial.planning.model_deployment.served_version import Missing, choose
from perennial.planning.model_deployment.shift import has_answered
from perennial.planning.model_deployment.stages import (
    Means,
    first_stage,
    keeps_former,
    way_back,
)
from perennial.planning.pod.blocker import Blocker
from perennial.planning.stores import find_store


@dataclass(frozen=True, slots=True)
class Rollout:
    """What was observed, in the terms that checks use."""

    observed: Observed
    definitions: Mapping[str, Definition]
    """By revision: every revision that could be started now."""
    target: Definition | Missing
    stable: RevisionStatus | None
    candidate: RevisionStatus | None
    user_initiated: bool
    """Whether the newest generation of the spec waits for it; else a version arrived by itself."""
    progress: RolloutStatus | None = None
    """How far the candidate's rollout in stages is; None if there is none."""
    rejected: Mapping[str, RejectedRevision] = field(default_factory=dict)
    """By revision: those that failed a rollout, newest first."""
    due: Due = NOTHING_DUE
    """What Decisions demand now."""
    is_judged: bool = False
    """Whether the gates in `progress` answer the present question."""

    @property
    def now(self) -> datetime:
        """Return the time in whole seconds, the resolution of a status."""
        return self.observed.now.replace(microsecond=0)

    @property
    def wanted(self) -> int:
        """Return the number of replicas in the spec."""
        return self.observed.spec.replicas

    @property
    def proven(self) -> bool:
        """Return whether the address, and the route if there is one, has ever answered."""
        if self.observed.status.history:
            return True
        return self.observed.answers and (not self.is_routed or has_answered(self.observed))

    @property
    def is_routed(self) -> bool:
        """Return whether an HTTPRoute has weights; else the address Service makes the shares."""
        return self.observed.spec.route is not None and self.observed.serves_routes

    def begin(self, revision: str) -> RolloutStatus | None:
        """Return the first stage of a rollout; a former revision needs no second trial."""
        spec, means = self.observed.spec, means_of(self.observed)
        running = self.observed.running.get(revision)
        was_stable = running is not None and running.served_until is not None
        if was_stable and keeps_former(spec.rollout, means):
            return way_back(spec, means, self.now)
        rules = self._rules(revision) if means.has_prometheus else None
        first = first_stage(spec, means, self.now, rules)
        is_overridden = self.observed.status.overridden == revision
        return first and first.model_copy(update={"overridden": is_overridden})

    def _rules(self, revision: str) -> Analysis | None:
        """Return the rules of the gates of a rollout that begins now."""
        versions = {version.name: version for version in self.observed.versions}
        candidate = (
            versions.get(self.definitions[revision].version)
            if revision in self.definitions
            else None
        )
        stable = versions.get(self.stable.version) if self.stable else None
        return (
            rules_for(self.observed.spec.rollout.analysis, stable, candidate) if candidate else None
        )

    def blocker(self, of: RevisionStatus) -> Blocker | None:
        """Return what keeps the pods of a revision from answering."""
        running = self.observed.running.get(of.revision)
        return running.blocker if running else None

    def left(self, since: datetime) -> timedelta:
        """Return the time until the progress deadline of a step that began at `since`."""
        deadline = to_timedelta(self.observed.spec.rollout.progress_deadline)
        return since + deadline - self.observed.now


def assess(observed: Observed) -> Rollout:
    """Return the state of the rollout."""
    definitions = definitions_of(observed)
    rejected = rejected_revisions(observed)
    stable, candidate = roles_of(observed, definitions, rejected)
    target = _target(observed, stable, rejected)
    progress, is_judged = _progress(observed, stable, candidate)
    return Rollout(
        observed,
        definitions,
        target,
        stable,
        candidate,
        _is_user_initiated(observed, target, stable),
        progress,
        rejected,
        _due(observed),
        is_judged,
    )


def _due(observed: Observed) -> Due:
    if not observed.decisions or observed.created_at is None:
        return NOTHING_DUE
    kept = (running.version for running in observed.running.values() if running.served_until)
    subject = Subject.of(observed.name, observed.created_at, observed.status, sorted(set(kept)))
    return due(observed.decisions, subject, observed.now)


def means_of(observed: Observed) -> Means:
    """Return what the cluster gives to rollouts."""
    has_prometheus = observed.configuration.prometheus.default is not None
    return Means(serves_routes=observed.serves_routes, has_prometheus=has_prometheus)


def _progress(
    observed: Observed, stable: RevisionStatus | None, candidate: RevisionStatus | None
) -> tuple[RolloutStatus | None, bool]:
    """Return how far the rollout is with its newest gates, and whether these answer its question.

    The baseline is recorded before the first gate is judged by it.
    """
    progress, answer = observed.status.rollout, observed.answer
    if stable is None or candidate is None or progress is None:
        return None, False
    if answer is None or answer.question != question_of(observed, progress, stable, candidate):
        return progress, False
    if progress.baseline is None:
        return progress.model_copy(update={"baseline": answer.baseline}), False
    gates = {"gates": answer.gates, "evaluated_at": answer.evaluated_at}
    return progress.model_copy(update=gates), True


def _target(
    observed: Observed, stable: RevisionStatus | None, rejected: Mapping[str, RejectedRevision]
) -> Definition | Missing:
    versions = observed.versions
    if stable is None and observed.spec.model.version == LATEST:
        versions = tuple(
            each for each in versions if define(observed, each).revision not in rejected
        )
    version = choose(
        observed.spec.model, observed.model, versions, stable.version if stable else None
    )
    if isinstance(version, Missing):
        return version if len(versions) == len(observed.versions) else _all_rejected(observed)
    if find_store(observed.configuration, version.artifact.store, observed.namespace) is None:
        return Missing(
            SpecReason.STORE_NOT_FOUND,
            f"the artifact of {version.name} lies in object store {version.artifact.store}, which "
            f"namespace {observed.namespace} may not use: have an administrator allow it",
        )
    return define(observed, version)


def _all_rejected(observed: Observed) -> Missing:
    return Missing(
        SpecReason.KNOWN_BAD,
        f"every Ready version of Model {observed.spec.model.name} was rejected in a rollout of "
        f"{observed.name}: train another version, or change spec.server",
    )


def _is_user_initiated(
    observed: Observed, target: Definition | Missing, stable: RevisionStatus | None
) -> bool:
    """Return whether the spec waits for the rollout.

    A version that arrived by itself stays so when the spec is scaled meanwhile.
    """
    if stable is None or any(map(_is_waiting, observed.status.conditions)):
        return True
    candidate = observed.status.candidate
    begun_before = (
        candidate is not None
        and isinstance(target, Definition)
        and candidate.revision == target.revision
    )
    return observed.status.observed_generation != observed.generation and not begun_before


def _is_waiting(condition: Condition) -> bool:
    waiting = condition.type in (ConditionType.RECONCILING, ConditionType.STALLED)
    return waiting and condition.status == "True"
