"""What the status of a ModelDeployment says about a rollout."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.analysis import Analysis
from perennial.api.rollout import RolloutStep, Strategy, Watch, Weight
from perennial.api.scalars import Count, DecimalString, Duration, Name, Text, Time, Word
from perennial.api.schema import Status

Revision = Annotated[str, Field(max_length=10, pattern=r"^[0-9a-f]{10}$")]
DecisionVerdict = Literal["Promote", "Abort", "Retry", "Rollback", "Override", "Pause", "Resume"]
DecisionOutcome = Literal["Applied", "Refused"]
Stage = Literal["Growing", "Shifting", "Analyzing", "Pausing", "Watching"]
GateOutcome = Literal["Passed", "Failed", "Inconclusive", "NoData", "TooFewSamples"]


class RolloutGate(Status):
    """Result of one gate at the last look, over the whole rollout."""

    name: Word
    """Name of the gate."""
    outcome: GateOutcome
    """Result. NoData and TooFewSamples hold the step."""
    on_failed: Literal["Rollback", "Hold", "Inform"]
    """Action when the gate fails. Inform has no effect on the rollout."""
    measure: Literal["Ratio", "Rate", "Shift"] | None = None
    """Measure of the numbers: candidate's rate divided by stable's, candidate's rate, or PSI."""
    estimate: DecimalString | None = None
    """Estimate of the measure."""
    low: DecimalString | None = None
    """Lower bound at the level of a rollback."""
    high: DecimalString | None = None
    """Upper bound at the level of a promotion."""
    limit: DecimalString | None = None
    """Limit that the upper bound must not exceed."""
    samples: Count = 0
    """Number of the candidate's requests or rows that count."""
    required: Count = 0
    """Number that is needed before the step can pass."""
    time_left: Duration | None = None
    """Median time until the gate passes or fails, by simulation. Not set if beyond maxDuration."""
    message: Text = ""
    """Explanation, with the remedy where one is needed."""
    query: Annotated[str, Field(max_length=1024)] = ""
    """PromQL expression that shows the same counts."""


class GateBaseline(Status):
    """What stable counted for one gate before the rollout."""

    name: Word
    """Name of the gate."""
    events: Count
    """Number of events."""
    trials: Count
    """Number of requests or rows."""
    dispersion: DecimalString
    """Variance between pods, relative to independent events."""
    degrees: DecimalString
    """Degrees of freedom that the dispersion is known with."""


class Baseline(Status):
    """Stable's history, as it was read when the rollout began."""

    is_compared: bool
    """Whether stable is compared with. A server that reports no revision cannot be."""
    latency_bound: DecimalString | None = None
    """Seconds above which a request is slow."""
    gates: Annotated[tuple[GateBaseline, ...], Field(max_length=16)] = ()
    """Counts of each gate."""


class RolloutStatus(Status):
    """The rollout in progress, with the rules that it started with."""

    strategy: Strategy
    """Strategy of this rollout."""
    steps: Annotated[tuple[RolloutStep, ...], Field(max_length=10)] = ()
    """Steps of this rollout. A change of the spec applies from the next rollout."""
    analysis: Analysis | None = None
    """Gates of this rollout. Not set if pauses alone decide."""
    watch: Watch | None = None
    """Watch that follows the last step."""
    paused: bool = False
    """Whether a Decision holds the rollout, until another one resumes it."""
    resumed: Annotated[int, Field(ge=0, le=11)] = 0
    """Number of the last step whose pause a Decision ended."""
    overridden: bool = False
    """Whether a Decision overrides an earlier rejection: the gates only inform."""
    returning: bool = False
    """Whether a former revision returns, which takes no steps and no pauses."""
    step: Annotated[int, Field(ge=1, le=11)]
    """Number of the current step. The one after the last of `steps` moves all traffic."""
    stage: Stage
    """Stage of the step. Watching follows the last step, when the new revision is stable."""
    weight: Weight
    """Share of the traffic that the candidate is to receive now, in percent."""
    started_at: Time
    """Time at which the rollout started."""
    stage_since: Time
    """Time at which the current stage started."""
    step_starts: Annotated[tuple[Time, ...], Field(max_length=11)] = ()
    """Times from which the evidence of each step counts. The first one begins all evidence."""
    baseline: Baseline | None = None
    """Stable's history. Set before the first gate is evaluated."""
    gates: Annotated[tuple[RolloutGate, ...], Field(max_length=16)] = ()
    """Result of each gate."""
    evaluated_at: Time | None = None
    """End of the last block of evidence in these results."""


class ShiftStatus(Status):
    """The last change of the weights in the route."""

    wanted: Annotated[str, Field(max_length=10, pattern=r"^[0-9a-f]{10}$")]
    """Short digest of the weights."""
    at: Time
    """Time at which the weights were written to the route."""
    proven: Time | None = None
    """Time at which the Gateway was seen to use these weights."""


class RejectedRevision(Status):
    """A revision that failed its rollout."""

    version: Name
    """Name of the ModelVersion."""
    revision: Revision
    """Digest of the revision."""
    at: Time
    """Time of the verdict."""
    reason: Word
    """Machine-readable reason, such as GateFailed."""
    message: Text
    """Evidence of the verdict."""
    return_to: Name | None = None
    """ModelVersion that a Decision returns to."""


class DecisionRecord(Status):
    """A Decision about the rollouts of this ModelDeployment, and its outcome."""

    uid: Annotated[str, Field(max_length=64)]
    """UID of the Decision."""
    name: Name
    """Name of the Decision."""
    verdict: DecisionVerdict
    """Verdict of the Decision."""
    by: Word
    """Name of the user who decided."""
    at: Time
    """Time at which the Decision was applied or refused."""
    outcome: DecisionOutcome
    """Applied, or Refused without any effect."""
    message: Text
    """What the Decision led to, or the reason for the refusal."""
