"""Tasks of Jobs and their reports: the contract between the operator and its pods."""

from typing import Annotated, Literal

from pydantic import Field

from perennial.api.dataset import (
    DatasetSpec,
    QualityReport,
    Role,
)
from perennial.api.model import Metric, Recipe, Split
from perennial.api.model_version import Measure, TierReason
from perennial.api.problem import Problem
from perennial.api.reasons import JobReason
from perennial.api.scalars import (
    ColumnName,
    Count,
    DecimalString,
    Digest,
    Name,
    Path,
    Text,
    Time,
    Word,
)
from perennial.api.schema import Spec, Status
from perennial.api.tier import Tier

LONGEST_REPORT = 2048
"""Bytes of a termination message; three containers of one pod share 12 KiB."""


class SnapshotTask(Spec):
    """Task of a snapshot Job."""

    dataset: Name
    """Name of the Dataset."""
    namespace: Name
    """Namespace of the owner."""
    contract: DatasetSpec
    """The part of the spec that selects and checks rows."""
    previous: Path | None = None
    """Path of the last snapshot, for detecting a changed inferred type."""


class SnapshotReport(Status):
    """Report of a snapshot that was taken, checked and stored."""

    digest: Digest
    """Digest of the rows."""
    path: Path
    """Path of the snapshot in the object store."""
    rows: int
    """Number of rows."""
    from_: Annotated[Time | None, Field(alias="from")] = None
    """Time of the oldest row."""
    to: Time | None = None
    """Time of the newest row."""
    bytes: int
    """Size of the stored files, in bytes."""
    quality: QualityReport
    """Results of the checks."""


class ColumnLimits(Spec):
    """Values that the contract allows in one column; the server detects all others."""

    name: ColumnName
    """Name of the column."""
    minimum: DecimalString | None = None
    """Smallest allowed value."""
    maximum: DecimalString | None = None
    """Largest allowed value."""
    allowed_values: tuple[Word, ...] | None = None
    """Allowed values."""


class SnapshotInput(Spec):
    """The snapshot that a training reads."""

    digest: Digest
    """Digest of the rows; every file is verified against it."""
    path: Path
    """Path of the snapshot in the object store."""
    time_column: ColumnName | None = None
    """Column with the time of each row."""
    roles: dict[ColumnName, Role] = Field(default_factory=dict)
    """Roles of the columns that are not features."""
    limits: tuple[ColumnLimits, ...] = ()
    """Limits of the columns that have any in the contract."""


class TrainingTask(Spec):
    """Task of a training Job: train, evaluate and store one version."""

    model: Name
    """Name of the Model."""
    namespace: Name
    """Namespace of the owner."""
    snapshot: SnapshotInput
    """Snapshot to train on."""
    target: ColumnName
    """Column to predict."""
    problem: Problem
    """Kind of problem that the model solves."""
    positive_class: str | None = None
    """Value of the target that is the positive class."""
    metric: Metric | None = None
    """The headline metric. Defaults by the problem and the number of classes."""
    recipe: Recipe
    """The pipeline."""
    split: Split
    """Split into training and held-out rows."""


class TrainingReport(Status):
    """Report of a version that was trained, evaluated and stored."""

    path: Path
    """Path of the artifact in the object store."""
    digest: Digest
    """Digest of its files."""
    bytes: int
    """Size of its files, in bytes."""
    estimator: str
    """Class name of the estimator."""
    parameters: dict[str, str]
    """Parameters of the estimator, including those found by a search."""
    metric: Metric
    """The headline metric."""
    samples: int
    """Number of held-out rows."""
    metrics: dict[Metric, Measure]
    """All metrics, by name."""
    tier: Tier = Tier.PIPELINE
    """Tier in which the version is served."""
    tier_reason: TierReason | None = None
    """Reason why no faster tier can serve it. Not set for the fastest tier."""
    compared_rows: Count = 0
    """Number of rows predicted by both the tier and the pipeline."""
    largest_difference: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = 0.0
    """Largest difference between their predictions, relative above 1 and absolute below."""


class FailureReport(Status):
    """Report of a step that ended without a result."""

    reason: JobReason
    """Machine-readable reason in CamelCase."""
    message: Text
    """Human-readable explanation, with the remedy."""
    in_spec: bool = False
    """Whether only a change of the spec can resolve it."""
    quality: QualityReport | None = None
    """Results of the checks, if these failed."""


Task = Literal["snapshot", "training"]
Step = Literal["prepare", "work", "publish"]
