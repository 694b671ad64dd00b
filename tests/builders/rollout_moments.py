"""ModelDeployments at the moments of a rollout that users see, each reached by real plans."""

from typing import Any

from builders.model_deployment import (
    WITH_PROMETHEUS,
    acted,
    canary,
    later,
    new,
    proven,
    respecified,
    revision,
    serving,
    version,
    with_pods,
    with_version,
)
from builders.rollout_evidence import answered, gates
from perennial.api.rollout import RolloutStep, Watch
from perennial.api.rollout_status import RolloutGate
from perennial.api.schema import API_VERSION
from perennial.planning.model_deployment.observed import Observed

STABLE, CANDIDATE = revision(1), revision(2)

OPEN_GATES = (
    RolloutGate(
        name="errors",
        outcome="Inconclusive",
        on_failed="Rollback",
        measure="Ratio",
        estimate="1.12",
        low="0.61",
        high="1.98",
        limit="1.5",
        samples=412,
        required=500,
        time_left="4m",
        message="1.12 times stable's rate of failed requests, at most 1.98; the limit is 1.5",
        query='sum by (revision) (increase(perennial_requests_total{outcome="failed"}[5m]))',
    ),
    RolloutGate(
        name="latency",
        outcome="Passed",
        on_failed="Rollback",
        measure="Rate",
        estimate="0.0104",
        low="0.002",
        high="0.0181",
        limit="0.02",
        samples=412,
        required=500,
        message="1.04 % slow requests, at most 0.0181; the limit is 0.02",
    ),
    RolloutGate(
        name="predictions",
        outcome="TooFewSamples",
        on_failed="Hold",
        measure="Shift",
        limit="0.25",
        samples=17,
        required=500,
        time_left="12m",
        message="17 of at least 500 samples",
    ),
)


def manifest(observed: Observed) -> dict[str, Any]:
    """Return the object as the API server holds it."""
    dumped = {"mode": "json", "by_alias": True, "exclude_none": True}
    metadata = {"name": observed.name, "namespace": observed.namespace}
    return {
        "apiVersion": API_VERSION,
        "kind": "ModelDeployment",
        "metadata": {**metadata, "uid": "uid-deployment", "generation": observed.generation},
        "spec": observed.spec.model_dump(**dumped, exclude_defaults=True),
        "status": observed.status.model_dump(**dumped),
    }


def judged(*weights: int) -> Observed:
    """Serve version 1 under rules with gates and without pauses."""
    steps = tuple(RolloutStep(weight=weight) for weight in weights or (25, 50))
    return serving(canary(steps=steps), configuration=WITH_PROMETHEUS)


def unseen() -> Observed:
    """Create one that no operator has seen."""
    return new(canary())


def starting() -> Observed:
    """Let the first version start."""
    return acted(unseen())


def settled() -> Observed:
    """Let the wanted version serve."""
    return acted(serving(canary()))


def pinned(observed: Observed, number: int = 2) -> Observed:
    """Let a user ask for a version that has just arrived."""
    observed = with_version(observed, version(number))
    model = observed.spec.model.model_copy(update={"version": version(number).name})
    return respecified(observed, observed.spec.model_copy(update={"model": model}))


def grown(observed: Observed, pods: int = 1) -> Observed:
    """Let the candidate have pods and, when the Gateway follows, its traffic."""
    return acted(proven(acted(with_pods(acted(observed), CANDIDATE, pods))))


def analyzing(observed: Observed | None = None, *, found=OPEN_GATES) -> Observed:
    """Let the candidate have a quarter of the traffic, and open gates."""
    begun = acted(answered(grown(observed or pinned(judged())), *gates()))
    return acted(answered(later(begun, minutes=3), *found))


def arrived() -> Observed:
    """Let a version that no user asked for be in the middle of its rollout."""
    return analyzing(with_version(judged(), version(2)))


def rejected(observed: Observed | None = None) -> Observed:
    """Let a gate reject the candidate, and the traffic return."""
    failed = RolloutGate.model_validate(
        {
            **OPEN_GATES[0].model_dump(),
            "outcome": "Failed",
            "message": "3.4 times stable's rate of failed requests, with certainty more than 1",
        }
    )
    verdict = analyzing(observed, found=(failed, *OPEN_GATES[1:]))
    return acted(later(verdict, minutes=5))


def held(reason: str) -> Observed:
    """Let a rollout wait for a person: a gate that holds, no result in time, or a paused spec."""
    if reason == "Paused":
        observed = analyzing()
        paused = observed.spec.model_copy(update={"paused": True})
        return acted(respecified(observed, paused))
    if reason == "GateFailed":
        failed = OPEN_GATES[2].model_copy(update={"outcome": "Failed", "message": "a shift"})
        return analyzing(found=(failed,))
    return acted(answered(later(analyzing(), hours=3), *OPEN_GATES))


def promoted() -> Observed:
    """Let version 2 have all traffic, and version 1 be the former one."""
    begun = later(grown(pinned(serving(canary(25)))), minutes=11)
    return grown(begun, pods=4)


def watching(holdback: int = 0) -> Observed:
    """Let version 2 have the traffic, and be watched."""
    watch = Watch(duration="1h", holdback_percent=holdback)
    spec = canary(steps=(RolloutStep(weight=25),), watch=watch)
    begun = pinned(serving(spec, configuration=WITH_PROMETHEUS))
    passed = acted(answered(acted(answered(grown(begun), *gates())), *gates()))
    return acted(later(grown(passed, pods=4), minutes=5))
