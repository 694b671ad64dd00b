"""Results of gates in words and in the numbers of a status."""

from datetime import timedelta
from decimal import Decimal
from math import ceil, isfinite
from typing import Final

from perennial.planning.model_deployment.gates.counts import (
    ERRORS,
    LATENCY,
    REFUSALS,
)
from perennial.planning.model_deployment.question import Question
from perennial.statistics.verdict import Measure, Outcome, Verdict

_EVENTS: Final = {
    ERRORS: "failed requests",
    REFUSALS: "refused requests",
    LATENCY: "slow requests",
}
_STABLES: Final = "stable's rate"
_LARGEST: Final = 1e12
_IN_SECONDS: Final = 120


def decimal(value: float | None) -> str | None:
    """Return a number with four significant digits, at most nine decimals and no exponent."""
    if value is None or not isfinite(value) or abs(value) > _LARGEST:
        return None
    text = f"{Decimal(f'{round(value, 9):.4g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(value: timedelta) -> str:
    """Return a duration of at least a second, in minutes where it is long."""
    seconds = max(1, round(value.total_seconds()))
    return f"{seconds}s" if seconds < _IN_SECONDS else f"{ceil(seconds / 60)}m"


def describe(gate: str, verdict: Verdict) -> str:
    """Return what a verdict says, with its numbers."""
    if verdict.outcome is Outcome.NO_DATA:
        return "the candidate has answered no request yet"
    if verdict.outcome is Outcome.TOO_FEW_SAMPLES:
        return f"{verdict.samples} of at least {verdict.required} samples"
    if verdict.measure is Measure.SHIFT:
        found = f"the predictions shift by {decimal(verdict.estimate)} (PSI)"
    elif verdict.measure is Measure.RATE:
        found = f"{_shown(verdict, verdict.estimate)} {_EVENTS.get(gate, 'events')}"
    else:
        found = f"{decimal(verdict.estimate)} times stable's rate of {_EVENTS.get(gate, 'events')}"
    return f"{found}, {_bound(verdict)}"


def never_judged(question: Question, gate: str) -> str:
    """Return why a gate cannot be judged in this rollout at all; empty if it can."""
    baseline = question.baseline
    if baseline is None:
        return ""
    if not baseline.is_compared and gate != ERRORS:
        return (
            f"revision {question.source.stable} reports no series of its own, "
            "so there is nothing to compare with: absolute limits and pauses decide"
        )
    versions = question.source.versions
    if gate in {custom.name for custom in question.rules.custom}:
        is_one = versions.candidate == versions.stable
        return (
            f"both revisions serve {versions.stable}, which its counters cannot tell apart" * is_one
        )
    if gate == LATENCY and baseline.latency_bound is None:
        return "stable answered too few requests before the rollout to tell what is slow"
    return ""


def _bound(verdict: Verdict) -> str:
    low, high, limit = (
        _shown(verdict, each) for each in (verdict.low, verdict.high, verdict.limit)
    )
    if verdict.outcome is Outcome.FAILED:
        return f"certainly more than {low or _STABLES}"
    bound = f"at most {high}" if high else "without an upper bound yet"
    return f"{bound}; the limit is {limit}"


def _shown(verdict: Verdict, value: float | None) -> str | None:
    """Return a number as its measure is read: rates in percent."""
    if verdict.measure is not Measure.RATE or value is None:
        return decimal(value)
    return f"{decimal(100 * value)} %"
