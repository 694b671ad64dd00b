"""ModelVersion: one trained artifact with everything that produced it."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.conditions import Conditions
from perennial.api.gate import Gate, Outcome
from perennial.api.model import Metric, ParameterName, ParameterValue
from perennial.api.scalars import (
    Count,
    DecimalString,
    Digest,
    Generation,
    ImageReference,
    Name,
    Path,
    Time,
    Word,
)
from perennial.api.schema import Rule, Spec, Status, list_map, rules
from perennial.api.tier import Tier

TierReason = Annotated[str, Field(min_length=1, max_length=512)]


class ModelReference(Spec):
    """The Model that the version belongs to."""

    name: Name
    """Name of the Model."""


class DatasetInput(Spec):
    """The snapshot that the version learned from."""

    name: Name
    """Name of the Dataset."""
    contract: Digest
    """Identity of the contract that the snapshot was taken under."""
    digest: Digest
    """Identity of its rows."""
    path: Path
    """Where it stands in the store."""
    rows: Count
    """Number of rows."""
    from_: Annotated[Time | None, Field(alias="from")] = None
    """Time of the oldest row."""
    to: Time | None = None
    """Time of the newest row."""


class TrainingInput(Spec):
    """How the version was made."""

    digest: Digest
    """Identity of the recipe, the split and the seed."""
    image: ImageReference
    """Image that trained it; recorded, not part of any identity."""
    estimator: Word
    """Class name of the estimator."""
    parameters: Annotated[
        dict[ParameterName, ParameterValue], Field(max_length=64, default_factory=dict)
    ]
    """Parameters of the estimator, with those that a search chose."""
    seed: Count
    """Seed of every random choice."""


class SourceRevision(Spec):
    """Where the manifest came from."""

    revision: Word
    """The Model's annotation perennial.dev/source-revision when training began."""


class Inputs(Spec):
    """Everything that produced the artifact."""

    digest: Digest
    """Identity of all inputs; the version is named after it."""
    dataset: DatasetInput
    """The snapshot."""
    training: TrainingInput
    """The recipe."""
    source: SourceRevision | None = None
    """The manifest's revision."""


class Artifact(Spec):
    """The files of the model, addressed by their content."""

    store: Name
    """Name of the object store."""
    path: Path
    """Where they stand in the store."""
    digest: Digest
    """Identity of all files together."""
    bytes: Count
    """Size of all files together."""
    format: Literal["Compiled", "Skops"]
    """Form of what answers: data for Perennial's own server, or scikit-learn's objects."""
    tier: Tier = Tier.PIPELINE
    """Compiled: without scikit-learn; Encoded: with its estimator; Pipeline: with all of it."""
    tier_reason: TierReason | None = None
    """Why no faster tier serves it; absent for the fastest."""
    compared_rows: Count = 0
    """Number of rows that the tier and the pipeline both answered."""
    largest_difference: DecimalString | None = None
    """Largest difference between their answers: relative above 1, absolute below."""


class Measure(Spec):
    """One measure on the held-out rows."""

    value: DecimalString
    """The estimate."""
    low: DecimalString
    """Lower end of its 95 % bootstrap interval."""
    high: DecimalString
    """Upper end of its 95 % bootstrap interval."""


class Evaluation(Spec):
    """What the training Job measured on the held-out rows."""

    metric: Metric
    """The headline measure."""
    samples: Count
    """Number of held-out rows."""
    metrics: Annotated[dict[Metric, Measure], Field(max_length=16)]
    """Every measure, by name."""


class ModelVersionSpec(Spec):
    """One trained artifact; written once, never changed."""

    model_config = rules(
        Rule("self == oldSelf", "a ModelVersion never changes: change the Model instead")
    )

    model: ModelReference
    """The Model that it belongs to."""
    number: Annotated[int, Field(ge=1, le=10**9)]
    """Counts the versions of one Model."""
    inputs: Inputs
    """Everything that produced it."""
    artifact: Artifact
    """The files of the model."""
    evaluation: Evaluation
    """What was measured on the held-out rows."""


class ValidationReport(Status):
    """How the version was judged."""

    outcome: Outcome
    """Failed when a required gate failed."""
    policy_digest: Digest
    """Identity of the Model's validation that it was judged by."""
    gates: Annotated[tuple[Gate, ...], Field(max_length=16), list_map()] = ()
    """Every gate, with its numbers."""


class ModelVersionStatus(Status):
    """What the operator knows about a ModelVersion."""

    observed_generation: Generation = -1
    """The newest generation of the spec that this status speaks of."""
    headline: Annotated[str, Field(max_length=64)] | None = None
    """The headline measure in one line, such as 'roc_auc 0.741'."""
    validation: ValidationReport | None = None
    """How it was judged."""
    serving: Annotated[tuple[Name, ...], Field(max_length=64)] = ()
    """ModelDeployments that serve it now."""
    conditions: Conditions = ()
    """Ready (may be served), Reconciling, Stalled, Validated."""
