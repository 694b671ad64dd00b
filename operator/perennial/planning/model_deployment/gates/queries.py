"""PromQL that shows a person what a gate counts."""

from typing import Final

from perennial.planning.model_deployment.gates.counts import ERRORS, LATENCY, REFUSALS
from perennial.planning.model_deployment.question import Question

_LONGEST: Final = 1024
_OUTCOMES: Final = {ERRORS: "failed", REFUSALS: "refused"}


def of(question: Question, gate: str) -> str:
    """Return an expression with one series for each revision."""
    source = question.source
    own = f'{source.namespace_label}="{source.namespace}",deployment="{source.name}"'
    requests = _rate("perennial_requests_total", own)
    if gate in _OUTCOMES:
        failed = _rate("perennial_requests_total", f'{own},outcome="{_OUTCOMES[gate]}"')
        return f"{failed} / {requests}"
    custom = {each.name: each for each in question.rules.custom}
    if gate in custom:
        each = custom[gate]
        parts = (
            f"sum by ({each.version_label}) (rate({of}[5m]))"
            for of in (each.numerator, each.denominator)
        )
        return " / ".join(parts)[:_LONGEST]
    if gate == LATENCY:
        bound = question.baseline.latency_bound if question.baseline else None
        fast = _rate("perennial_request_seconds_bucket", f'{own},le="{bound or "+Inf"}"')
        return f"1 - {fast} / {_rate('perennial_request_seconds_count', own)}"
    return _rate("perennial_class_total", own, by="revision,class")


def _rate(family: str, matchers: str, by: str = "revision") -> str:
    return f"sum by ({by}) (rate({family}{{{matchers}}}[5m]))"
