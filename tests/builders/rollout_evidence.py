"""What the evidence of a rollout says: answers of gates, and the counts behind them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from builders.job import NOON
from perennial.api.analysis import Analysis
from perennial.api.rollout_status import Baseline, GateBaseline, RolloutGate
from perennial.planning.model_deployment.gates.counts import (
    CLASSES,
    ERRORS,
    LATENCY,
    REFUSALS,
    SCORES,
    BlockCounts,
    MixCounts,
    RateCounts,
)
from perennial.planning.model_deployment.gates.evaluate import GATES
from perennial.planning.model_deployment.observed import Observed
from perennial.planning.model_deployment.plan import plan
from perennial.planning.model_deployment.question import Answer, Question, Source, Versions

COMPARED = Baseline(
    is_compared=True,
    latency_bound="0.05",
    gates=tuple(
        GateBaseline(name=gate, events=0, trials=100_000, dispersion="1", degrees="1000")
        for gate in GATES
    ),
)
ALONE = Baseline(is_compared=False)


def question(
    steps: int = 1, begun: int = 1, baseline: Baseline | None = COMPARED, **rules: object
) -> Question:
    """Ask about a rollout whose steps so far begin ten minutes apart."""
    source = Source(
        namespace="team-a",
        name="delays",
        namespace_label="namespace",
        candidate="bbbbbbbbbb",
        stable="aaaaaaaaaa",
        stable_since=NOON - timedelta(hours=1),
        begin=NOON,
        interval=timedelta(seconds=15),
        warm_up=timedelta(seconds=30),
        custom=Analysis.model_validate(rules).custom,
        versions=Versions("delays-v2", "delays-v1"),
        created=NOON,
    )
    starts = tuple(NOON + timedelta(minutes=10 * step) for step in range(begun))
    return Question(source, baseline, Analysis.model_validate(rules), steps, starts)


def blocks(
    number: int,
    *,
    events: dict[str, tuple[float, float]] | None = None,
    trials: tuple[float, float] = (100, 900),
    classes: tuple[tuple[float, ...], tuple[float, ...]] = ((50, 50), (450, 450)),
    first: int = 0,
    **same: Any,
) -> list[BlockCounts]:
    """Return equal blocks; `events` are those of candidate and stable by gate."""
    found = {ERRORS: (0, 0), REFUSALS: (0, 0), LATENCY: (0, 0), **(events or {})}
    rates = {
        gate: RateCounts(own, trials[0], other, trials[1]) for gate, (own, other) in found.items()
    }
    length = timedelta(seconds=15)
    return [
        BlockCounts(
            begin=NOON + index * length,
            end=NOON + (index + 1) * length,
            missing=same.get("missing", ""),
            missing_of=same.get("missing_of", {}),
            rates=rates,
            mixes={CLASSES: MixCounts(*classes), SCORES: MixCounts((), ())},
        )
        for index in range(first, first + number)
    ]


def gate(name: str, outcome: str = "Passed", on_failed: str = "Rollback") -> RolloutGate:
    """Return the result of one gate."""
    return RolloutGate.model_validate(
        {"name": name, "outcome": outcome, "on_failed": on_failed, "message": f"it {outcome}"}
    )


def gates(**outcomes: str) -> tuple[RolloutGate, ...]:
    """Return the results of all gates; those that are not named have passed."""
    return tuple(gate(name, outcomes.get(name, "Passed")) for name in GATES)


def answered(observed: Observed, *found: RolloutGate, baseline: Baseline = COMPARED) -> Observed:
    """Return the same after the evidence answers what the rollout asks now."""
    asked = plan(replace(observed, answer=None)).question
    assert isinstance(asked, Question), "the rollout asks nothing"
    return replace(observed, answer=Answer(asked, baseline, found, observed.now))
