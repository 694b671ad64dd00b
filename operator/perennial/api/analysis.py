"""The gates of a canary: how its evidence is gathered and judged."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.scalars import Duration, LabelName, Name
from perennial.api.schema import Rule, Spec, list_map, matching, rules

OnFailed = Literal["Rollback", "Hold"]
OnInconclusive = Literal["Hold", "Promote", "Rollback"]

MaxRatio = Annotated[
    str,
    matching(
        r"^(1\.[0-9]{0,8}[1-9][0-9]{0,8}|[2-9](\.[0-9]{1,9})?|[1-9][0-9](\.[0-9]{1,9})?)$",
        20,
        'write a number above 1 and below 100 in quotes, such as "1.5"',
    ),
]

Floor = Annotated[
    str,
    matching(
        r"^0(\.[0-4][0-9]{0,8})?$",
        11,
        'write a share from 0 to 0.49 in quotes, such as "0.001"',
    ),
]

MaxShift = Annotated[
    str,
    matching(
        r"^(0\.[0-9]{0,8}[1-9][0-9]{0,8}|[1-9](\.[0-9]{1,9})?)$",
        20,
        'write a number above 0 and below 10 in quotes, such as "0.10"',
    ),
]

ErrorLevel = Annotated[
    str,
    matching(
        r"^0\.([1-4][0-9]{0,8}|0{1,8}[1-9][0-9]{0,8})$",
        20,
        'write a probability above 0 and below 0.5 in quotes, such as "0.01"',
    ),
]

Interval = Annotated[
    str,
    matching(
        r"^(([5-9]|[1-9][0-9]|[1-5][0-9]{2}|600)s|([1-9]|10)m)$",
        4,
        "write a duration from 5s to 10m",
    ),
]

Expression = Annotated[str, Field(min_length=1, max_length=512)]


class RateGate(Spec):
    """Comparison of the candidate's rate of events with stable's, in the same minutes."""

    max_ratio: MaxRatio = "1.5"
    """Ratio that must be ruled out before a step passes."""
    floor: Floor = "0.001"
    """Rate below which the candidate is good enough, whatever stable's rate is."""
    on_failed: OnFailed = "Rollback"
    """Action when the candidate is worse: Rollback rejects it, Hold waits for a person."""


class LatencyGate(Spec):
    """Comparison of the shares of slow requests: those above stable's 99th percentile."""

    max_ratio: MaxRatio = "1.5"
    """Ratio that must be ruled out before a step passes."""
    floor: Floor = "0.02"
    """Share of slow requests below which the candidate is good enough."""
    on_failed: OnFailed = "Rollback"
    """Action when the candidate is slower: Rollback rejects it, Hold waits for a person."""


class PredictionGate(Spec):
    """Comparison of the distributions of predictions, as a population stability index."""

    max_shift: MaxShift | None = None
    """Shift to rule out. Defaults to 0.10 for one artifact, 0.25 for one snapshot, else to none."""
    on_failed: OnFailed | None = None
    """Action when the shift is larger. Defaults to Rollback for one artifact, and else to Hold."""


class CustomGate(Spec):
    """Comparison of a rate that your own counters state, such as rejected orders per order."""

    name: Name
    """Name of the gate."""
    numerator: Expression
    """Counter of the events: one PromQL selector, of series in the same namespace."""
    denominator: Expression
    """Counter of the trials: one PromQL selector, of series in the same namespace."""
    version_label: LabelName = "version"
    """Label of both counters that contains the name of the ModelVersion."""
    max_ratio: MaxRatio = "1.5"
    """Ratio that must be ruled out before a step passes."""
    floor: Floor = "0.001"
    """Rate below which the candidate is good enough."""
    on_failed: OnFailed = "Rollback"
    """Action when the candidate is worse: Rollback rejects it, Hold waits for a person."""


class Analysis(Spec):
    """Sequential tests on what Prometheus counts of candidate and stable."""

    model_config = rules(
        Rule(
            "!has(self.custom) || self.custom.all(gate, "
            "!(gate.name in ['errors', 'refusals', 'latency', 'predictions']))",
            "a custom gate needs another name than errors, refusals, latency and predictions",
        )
    )

    interval: Interval = "15s"
    """Length of one block of evidence, from 5s to 10m."""
    warm_up: Duration = "30s"
    """Time for which a new process is left out of the latency gate."""
    false_rollback: ErrorLevel = "0.01"
    """Probability of rejecting a candidate that is as good as stable, for each gate."""
    wrong_promotion: ErrorLevel = "0.05"
    """Probability of passing a candidate at the limit, for each gate."""
    min_samples: Annotated[int, Field(ge=1, le=10**9)] = 500
    """Minimum number of the candidate's requests before a step passes."""
    max_duration: Duration = "2h"
    """Maximum time of one step."""
    on_inconclusive: OnInconclusive = "Hold"
    """Action after that time if the gates have neither passed nor failed."""
    errors: RateGate = RateGate()
    """Requests answered with status 5xx, and workers that died."""
    refusals: RateGate = RateGate()
    """Requests answered with status 4xx."""
    latency: LatencyGate = LatencyGate()
    """Slow requests."""
    predictions: PredictionGate = PredictionGate()
    """Mix of the predicted classes, and distribution of the scores."""
    custom: Annotated[tuple[CustomGate, ...], Field(max_length=8), list_map()] = ()
    """Gates on your own counters. They inform only if both revisions serve one ModelVersion."""
