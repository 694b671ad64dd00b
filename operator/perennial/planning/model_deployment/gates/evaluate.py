"""The results of all gates of a rollout, as its status records them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from perennial.api.analysis import Analysis
from perennial.api.rollout_status import RolloutGate
from perennial.planning.model_deployment.gates import queries, wording
from perennial.planning.model_deployment.gates.counts import (
    ERRORS,
    LATENCY,
    PREDICTIONS,
    REFUSALS,
    BlockCounts,
)
from perennial.planning.model_deployment.gates.sequential_tests import (
    GateTest,
    mix_tests,
    rate_tests,
    watch_tests,
)
from perennial.planning.model_deployment.question import Question
from perennial.statistics.verdict import Outcome, Verdict

GATES: Final = (ERRORS, REFUSALS, LATENCY, PREDICTIONS)
INFORM: Final = "Inform"
_WORST_FIRST: Final = (
    Outcome.FAILED,
    Outcome.NO_DATA,
    Outcome.TOO_FEW_SAMPLES,
    Outcome.INCONCLUSIVE,
    Outcome.PASSED,
)

Tests = Mapping[str, tuple[GateTest, ...]]
"""The tests of each gate that can be judged."""


def tests_of(question: Question, blocks: Sequence[BlockCounts]) -> Tests:
    """Return the tests of each gate; a gate without tests has no data."""
    tests: dict[str, tuple[GateTest, ...]] = {
        name: (test,) for name, test in rate_tests(question, blocks)
    }
    for name, test in watch_tests(question, blocks):
        tests[name] = (*tests.get(name, ()), test)
    mixes = tuple(mix_tests(question, blocks))
    return {**tests, PREDICTIONS: mixes} if mixes else tests


def evaluate(
    question: Question,
    tests: Tests,
    missing: str,
    left: Mapping[str, timedelta] | None = None,
    missing_of: Mapping[str, str] | None = None,
) -> tuple[RolloutGate, ...]:
    """Return the result of each gate; `missing` is the cause if there is no fresh data."""
    names = (*GATES, *(gate.name for gate in question.rules.custom))
    return tuple(
        _gate(
            question,
            name,
            tests,
            missing or (missing_of or {}).get(name, ""),
            (left or {}).get(name),
        )
        for name in names
    )


def on_failed(rules: Analysis, gate: str) -> str:
    """Return what happens when a gate fails."""
    if gate == PREDICTIONS:
        return rules.predictions.on_failed or INFORM
    return {
        ERRORS: rules.errors.on_failed,
        REFUSALS: rules.refusals.on_failed,
        LATENCY: rules.latency.on_failed,
        **{custom.name: custom.on_failed for custom in rules.custom},
    }[gate]


def _gate(
    question: Question, name: str, tests: Tests, missing: str, left: timedelta | None
) -> RolloutGate:
    action = on_failed(question.rules, name)
    query = queries.of(question, name)
    if name not in tests:
        # A gate that can never be judged in this rollout must not hold it.
        never = wording.never_judged(question, name)
        return RolloutGate.model_validate(
            {
                "name": name,
                "outcome": Outcome.NO_DATA,
                "on_failed": INFORM if never else action,
                "message": never or missing or "no rows were counted yet",
                "query": query,
            }
        )
    verdict = _worst([test.verdict(fresh=not missing) for test in tests[name]])
    is_open = verdict.outcome in (Outcome.INCONCLUSIVE, Outcome.TOO_FEW_SAMPLES)
    return RolloutGate.model_validate(
        {
            "name": name,
            "outcome": verdict.outcome,
            "on_failed": action,
            "measure": verdict.measure,
            "estimate": wording.decimal(verdict.estimate),
            "low": wording.decimal(verdict.low),
            "high": wording.decimal(verdict.high),
            "limit": wording.decimal(verdict.limit),
            "samples": verdict.samples,
            "required": verdict.required,
            "time_left": wording.duration(left) if left and is_open else None,
            "message": missing or wording.describe(name, verdict),
            "query": query,
        }
    )


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict that decides: of equal outcomes the one with the largest estimate."""
    return min(
        verdicts, key=lambda each: (_WORST_FIRST.index(each.outcome), -(each.estimate or 0.0))
    )
