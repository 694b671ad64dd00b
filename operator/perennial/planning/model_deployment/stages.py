"""The stages of a rollout: what strategy, steps and data plane give, and what they cannot give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from perennial.api.analysis import Analysis
from perennial.api.model_deployment import ModelDeploymentSpec
from perennial.api.rollout import Pause, RolloutStep, Strategy
from perennial.api.rollout import Rollout as Rules
from perennial.api.rollout_status import RolloutStatus
from perennial.api.times import to_timedelta

ALL: Final = 100
_NEARLY_ALL: Final = 80
"""From this weight on a revision has all its pods: a holdback takes at most 20."""
UNTIL_DECIDED: Final = timedelta(days=36_500)
"""The length of a pause that only a Decision ends."""
_MOST_SHARED: Final = 50
"""The largest share that replicas can express while the stable revision keeps all its pods."""
_TOLERANCE: Final = 2
"""Points by which the share of replicas may differ from the weight of a step."""
_DEFAULT_WEIGHTS: Final = (5, 25, 50)


@dataclass(frozen=True, slots=True)
class Means:
    """What the cluster gives to rollouts."""

    serves_routes: bool
    """Whether the API server serves HTTPRoute."""
    has_prometheus: bool
    """Whether the operator reads a Prometheus server."""


def strategy_in_force(rules: Rules, means: Means) -> Strategy:
    """Return the strategy of the next rollout."""
    return rules.strategy or ("Canary" if means.has_prometheus else "Immediate")


def keeps_former(rules: Rules, means: Means) -> bool:
    """Return whether former revisions are kept without pods."""
    return strategy_in_force(rules, means) != "Immediate"


def first_stage(
    spec: ModelDeploymentSpec,
    means: Means,
    now: datetime,
    analysis: Analysis | None,
) -> RolloutStatus | None:
    """Return the beginning of a rollout; None if it is one write, with nothing to remember."""
    strategy = strategy_in_force(spec.rollout, means)
    if strategy == "Immediate" and spec.route is None:
        return None
    return RolloutStatus(
        strategy=strategy,
        steps=steps_of(spec) if strategy == "Canary" else (),
        analysis=analysis if strategy == "Canary" or spec.rollout.watch else None,
        watch=spec.rollout.watch if strategy != "Immediate" else None,
        step=1,
        stage="Growing",
        weight=0,
        started_at=now,
        stage_since=now,
    )


def way_back(spec: ModelDeploymentSpec, means: Means, now: datetime) -> RolloutStatus | None:
    """Return the beginning of the return of a former revision, without steps and gates."""
    first = first_stage(spec, means, now, None)
    return first and first.model_copy(update={"steps": (), "watch": None, "returning": True})


def steps_of(spec: ModelDeploymentSpec) -> tuple[RolloutStep, ...]:
    """Return the steps of the next canary."""
    return spec.rollout.steps or tuple(
        RolloutStep(weight=weight) for weight in default_weights(spec)
    )


def weight_of_step(progress: RolloutStatus) -> int:
    """Return the weight that the current step leads to."""
    if not is_last(progress):
        return progress.steps[progress.step - 1].weight
    return ALL - (progress.watch.holdback_percent if progress.watch else 0)


def is_last(progress: RolloutStatus) -> bool:
    """Return whether the current step moves all traffic."""
    return progress.step > len(progress.steps)


def weight_before(progress: RolloutStatus) -> int:
    """Return the weight of the step before the current one."""
    return progress.steps[progress.step - 2].weight if progress.step > 1 else 0


def pause_of_step(progress: RolloutStatus) -> timedelta:
    """Return how long the current step lasts after its traffic has moved."""
    pause = _pause(progress)
    if pause is None:
        return timedelta(0)
    return to_timedelta(pause.for_) if pause.for_ else UNTIL_DECIDED


def waits_for_decision(progress: RolloutStatus) -> bool:
    """Return whether only a Decision ends the current step."""
    pause = _pause(progress)
    return pause is not None and pause.until is not None


def _pause(progress: RolloutStatus) -> Pause | None:
    """Return the pause of the current step, unless a Decision has ended it."""
    if is_last(progress) or progress.resumed >= progress.step:
        return None
    return progress.steps[progress.step - 1].pause


def pods_for(weight: int, replicas: int, *, routed: bool) -> int:
    """Return the number of pods that a share of the traffic needs.

    Without a route the pods are the share: `n` beside `replicas` get `n / (replicas + n)`.
    """
    if weight >= _NEARLY_ALL:
        return replicas
    if routed:
        return ceil(replicas * weight / ALL)
    return min(replicas, max(1, round(weight * replicas / (ALL - weight))))


def expressible(replicas: int) -> tuple[int, ...]:
    """Return the weights that replicas can express, rounded to whole percents."""
    return tuple(dict.fromkeys(_share(pods, replicas) for pods in range(1, replicas + 1)))


def is_watching(progress: RolloutStatus | None) -> bool:
    """Return whether the candidate has the traffic, and the former revision stays ready."""
    return progress is not None and progress.stage == "Watching"


def refusal(spec: ModelDeploymentSpec, means: Means) -> str | None:
    """Return why the spec cannot be acted on, with the remedy; None if it can."""
    if spec.route and not means.serves_routes:
        return (
            "the cluster does not serve HTTPRoute (gateway.networking.k8s.io/v1): "
            "install the Gateway API with a controller, or remove spec.route"
        )
    rules = spec.rollout
    if rules.watch and rules.watch.holdback_percent and not spec.route:
        return "spec.rollout.watch.holdbackPercent needs weights: set spec.route, or remove it"
    if strategy_in_force(rules, means) == "Canary":
        unjudged = None if means.has_prometheus else _unjudged(spec)
        return unjudged or _inexpressible(spec)
    immediate = strategy_in_force(rules, means) == "Immediate"
    stated = {"steps": rules.steps, "analysis": rules.analysis, "watch": immediate and rules.watch}
    field = next((name for name, value in stated.items() if value), None)
    if field is None:
        return None
    return (
        f"spec.rollout.{field} belongs to the strategy Canary, and "
        f"{strategy_in_force(rules, means)} is in force: "
        f"set spec.rollout.strategy to Canary, or remove spec.rollout.{field}"
    )


def _unjudged(spec: ModelDeploymentSpec) -> str | None:
    """Return why a canary cannot go on without Prometheus, unless each step has a pause."""
    steps = spec.rollout.steps
    if spec.rollout.analysis:
        return (
            "spec.rollout.analysis needs Prometheus, and the operator reads none: have an "
            "administrator configure prometheus.default, or remove spec.rollout.analysis and give "
            "each step a pause"
        )
    if steps and all(step.pause for step in steps):
        return None
    weights = tuple(step.weight for step in steps) or default_weights(spec)
    return (
        "the operator reads no Prometheus, and without its gates each step of a Canary needs a "
        f"pause: set spec.rollout.steps, for example to {_as_steps(weights)}"
    )


def default_weights(spec: ModelDeploymentSpec) -> tuple[int, ...]:
    """Return the weights of a canary that the data plane can express."""
    if spec.route:
        return _DEFAULT_WEIGHTS
    possible = expressible(max(1, spec.replicas))
    nearest = (_nearest(weight, possible) for weight in _DEFAULT_WEIGHTS)
    return tuple(dict.fromkeys(nearest))


def _inexpressible(spec: ModelDeploymentSpec) -> str | None:
    if spec.route:
        return None
    replicas, possible = spec.replicas, expressible(spec.replicas)
    wrong = [step.weight for step in spec.rollout.steps if not _is_expressible(step.weight, spec)]
    if not wrong:
        return None
    nearest = tuple(dict.fromkeys(_nearest(step.weight, possible) for step in spec.rollout.steps))
    listed = ", ".join(map(str, wrong))
    return (
        f"without spec.route, {replicas} replicas cannot express the weight {listed}: "
        f"set spec.rollout.steps to weights such as {', '.join(map(str, nearest))}, "
        "add a route, or change spec.replicas"
    )


def _is_expressible(weight: int, spec: ModelDeploymentSpec) -> bool:
    pods = pods_for(weight, spec.replicas, routed=False)
    share = ALL * pods / (spec.replicas + pods)
    return weight <= _MOST_SHARED and abs(share - weight) <= _TOLERANCE


def _nearest(weight: int, possible: Sequence[int]) -> int:
    return min(possible, key=lambda each: (abs(each - weight), each))


def _share(pods: int, replicas: int) -> int:
    return round(ALL * pods / (replicas + pods))


def _as_steps(weights: Sequence[int]) -> str:
    steps = ", ".join(f"{{weight: {weight}, pause: {{for: 10m}}}}" for weight in weights)
    return f"[{steps}]"
