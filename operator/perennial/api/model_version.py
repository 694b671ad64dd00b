"""ModelVersion: one trained artifact with the inputs that produced it."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.conditions import Conditions
from perennial.api.gate import Gate, Outcome
from perennial.api.model import Metric, ParameterName, ParameterValue
from perennial.api.retraining import Trigger
from perennial.api.rollout_status import Revision
from perennial.api.scalars import (
    Count,
    DecimalString,
    Digest,
    Generation,
    ImageReference,
    Name,
    Path,
    Text,
    Time,
    Word,
)
from perennial.api.schema import Rule, Spec, Status, list_map, rules
from perennial.api.tier import Tier

TierReason = Annotated[str, Field(min_length=1, max_length=512)]


class ModelReference(Spec):
    """A reference to the Model of the version."""

    name: Name
    """Name of the Model."""


class DatasetInput(Spec):
    """Snapshot that the version was trained on."""

    name: Name
    """Name of the Dataset."""
    contract: Digest
    """Digest of the contract under which the snapshot was taken."""
    digest: Digest
    """Digest of the rows."""
    path: Path
    """Path of the snapshot in the object store."""
    rows: Count
    """Number of rows."""
    from_: Annotated[Time | None, Field(alias="from")] = None
    """Time of the oldest row."""
    to: Time | None = None
    """Time of the newest row."""


class TrainingInput(Spec):
    """Recipe that the version was trained with."""

    digest: Digest
    """Digest of the recipe, the split and the seed."""
    image: ImageReference
    """Image of the training Job. Recorded, but not part of any digest."""
    estimator: Word
    """Class name of the estimator."""
    parameters: Annotated[
        dict[ParameterName, ParameterValue], Field(max_length=64, default_factory=dict)
    ]
    """Parameters of the estimator, including those found by a search."""
    seed: Count
    """Random seed of the training."""


class SourceRevision(Spec):
    """Revision of the manifest in its source repository."""

    revision: Word
    """Value of the Model's annotation perennial.dev/source-revision when the training started."""


class Inputs(Spec):
    """Inputs that produced the artifact."""

    digest: Digest
    """Digest of all inputs, which is part of the version's name."""
    dataset: DatasetInput
    """Snapshot that the version was trained on."""
    training: TrainingInput
    """Recipe that the version was trained with."""
    source: SourceRevision | None = None
    """Revision of the manifest in its source repository."""


class Artifact(Spec):
    """Content-addressed files of the model."""

    store: Name
    """Name of the object store."""
    path: Path
    """Path of the files in the object store."""
    digest: Digest
    """Digest of all files together."""
    bytes: Count
    """Size of all files together, in bytes."""
    format: Literal["Compiled", "Skops"]
    """Form of the served model: data for Perennial's server, or scikit-learn objects."""
    tier: Tier = Tier.PIPELINE
    """Serving tier: without scikit-learn, with its estimator only, or with the whole pipeline."""
    tier_reason: TierReason | None = None
    """Reason why no faster tier can serve it. Not set for the fastest tier."""
    compared_rows: Count = 0
    """Number of rows predicted by both the tier and the pipeline."""
    largest_difference: DecimalString | None = None
    """Largest difference between their predictions, relative above 1 and absolute below."""


class Measure(Spec):
    """Value of one metric on the held-out rows."""

    value: DecimalString
    """Estimate of the metric."""
    low: DecimalString
    """Lower bound of the 95 % bootstrap interval."""
    high: DecimalString
    """Upper bound of the 95 % bootstrap interval."""


class Evaluation(Spec):
    """Metrics that the training Job measured on the held-out rows."""

    metric: Metric
    """Name of the headline metric."""
    samples: Count
    """Number of held-out rows."""
    metrics: Annotated[dict[Metric, Measure], Field(max_length=16)]
    """All metrics, by name."""


class ModelVersionSpec(Spec):
    """An immutable record of one trained artifact."""

    model_config = rules(
        Rule("self == oldSelf", "a ModelVersion is immutable: change the Model instead")
    )

    model: ModelReference
    """Model of the version."""
    number: Annotated[int, Field(ge=1, le=10**9)]
    """Sequence number of this version within its Model."""
    trigger: Trigger | None = None
    """Cause of a retraining. Not set for the first training of a recipe and a contract."""
    inputs: Inputs
    """Inputs that produced the artifact."""
    artifact: Artifact
    """Content-addressed files of the model."""
    evaluation: Evaluation
    """Metrics on the held-out rows."""


class ValidationReport(Status):
    """Results of the validation gates."""

    outcome: Outcome
    """Failed if a required gate failed."""
    policy_digest: Digest
    """Digest of the Model's validation settings that were applied."""
    gates: Annotated[tuple[Gate, ...], Field(max_length=16), list_map()] = ()
    """Result of each gate."""


class Rejection(Status):
    """A rollout in which the version was rejected."""

    deployment: Name
    """Name of the ModelDeployment."""
    revision: Revision
    """Digest of the version with server settings and an image."""
    at: Time
    """Time of the verdict."""
    reason: Word
    """Machine-readable reason, such as GateFailed."""
    message: Text
    """Evidence of the verdict."""


class ModelVersionStatus(Status):
    """Observed state of a ModelVersion."""

    observed_generation: Generation = -1
    """Newest generation of the spec that this status reflects. -1 before the first visit."""
    headline: Annotated[str, Field(max_length=64)] | None = None
    """Headline metric in one line, such as 'roc_auc 0.741'."""
    validation: ValidationReport | None = None
    """Results of the validation gates."""
    serving: Annotated[tuple[Name, ...], Field(max_length=64)] = ()
    """Names of the ModelDeployments that currently serve the version."""
    rejections: Annotated[tuple[Rejection, ...], Field(max_length=10)] = ()
    """Most recent rollouts in which the version was rejected, newest first."""
    conditions: Conditions = ()
    """Conditions of types Ready (can be served), Reconciling, Stalled and Validated."""
