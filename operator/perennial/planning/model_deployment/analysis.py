"""The rules of a rollout's gates, and the question that they lead to."""

from datetime import timedelta
from typing import Final

from perennial.api.analysis import Analysis, PredictionGate
from perennial.api.model_deployment import RevisionStatus
from perennial.api.rollout_status import RolloutStatus
from perennial.api.times import to_timedelta
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.question import Question, Source, Versions
from perennial.planning.model_deployment.stages import is_watching
from perennial.planning.model_version.version import Version

_ONE_ARTIFACT: Final = PredictionGate(max_shift="0.10", on_failed="Rollback")
_ONE_SNAPSHOT: Final = PredictionGate(max_shift="0.25", on_failed="Hold")


def rules_for(stated: Analysis | None, stable: Version | None, candidate: Version) -> Analysis:
    """Return the rules with everything decided that depends on the two versions.

    Versions of different snapshots may differ for good reasons, so that their shift only informs.
    """
    rules = stated or Analysis()
    return rules.model_copy(update={"predictions": _predictions(rules, stable, candidate)})


def _predictions(rules: Analysis, stable: Version | None, candidate: Version) -> PredictionGate:
    stated = rules.predictions
    default = PredictionGate()
    if stable and stable.artifact.digest == candidate.artifact.digest:
        default = _ONE_ARTIFACT
    elif stable and stable.spec.inputs.dataset.digest == candidate.spec.inputs.dataset.digest:
        default = _ONE_SNAPSHOT
    if stated.max_shift is None:
        limit, action = default.max_shift, default.on_failed
        return PredictionGate(max_shift=limit, on_failed=limit and (stated.on_failed or action))
    return PredictionGate(
        max_shift=stated.max_shift, on_failed=stated.on_failed or default.on_failed or "Hold"
    )


def question_of(
    observed: Observed, progress: RolloutStatus, stable: RevisionStatus, candidate: RevisionStatus
) -> Question | None:
    """Return what the rollout wants to know; None before its first traffic, and without gates."""
    rules = progress.analysis
    server = observed.configuration.prometheus.default
    if rules is None or server is None or not progress.step_starts:
        return None
    source = Source(
        namespace=observed.namespace,
        name=observed.name,
        namespace_label=server.labels.namespace,
        candidate=candidate.revision,
        stable=stable.revision,
        stable_since=stable.since,
        begin=progress.step_starts[0],
        interval=to_timedelta(rules.interval),
        warm_up=to_timedelta(rules.warm_up),
        custom=rules.custom,
        versions=Versions(candidate.version, stable.version),
        created=progress.started_at,
    )
    return Question(
        source=source,
        baseline=progress.baseline,
        rules=rules,
        steps=max(1, len(progress.steps) + (progress.watch is not None)),
        watch_start=progress.step_starts[-1] if is_watching(progress) else None,
        step_starts=progress.step_starts,
    )


def longest_step(rules: Analysis) -> timedelta:
    """Return the maximum time of one step."""
    return to_timedelta(rules.max_duration)
