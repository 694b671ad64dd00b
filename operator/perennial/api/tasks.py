"""What a Job is told, and what it reports: the contract between the operator and its pods."""

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
    """Take one snapshot."""

    dataset: Name
    """Name of the Dataset."""
    namespace: Name
    """Its namespace."""
    contract: DatasetSpec
    """The part of the spec that selects and checks rows."""
    previous: Path | None = None
    """Where the last snapshot stands, to notice an inferred type that changed."""


class SnapshotReport(Status):
    """A snapshot that was taken, checked and stored."""

    digest: Digest
    """Identity of the rows."""
    path: Path
    """Where it stands in the store."""
    rows: int
    """Number of rows."""
    from_: Annotated[Time | None, Field(alias="from")] = None
    """Time of the oldest row."""
    to: Time | None = None
    """Time of the newest row."""
    bytes: int
    """Size of the stored files."""
    quality: QualityReport
    """How it was judged."""


class ColumnLimits(Spec):
    """What the contract allows in one column: the server tells values beyond it."""

    name: ColumnName
    """Name of the column."""
    minimum: DecimalString | None = None
    """Smallest value that may occur."""
    maximum: DecimalString | None = None
    """Largest value that may occur."""
    allowed_values: tuple[Word, ...] | None = None
    """Values that may occur."""


class SnapshotInput(Spec):
    """The snapshot that a training reads."""

    digest: Digest
    """Identity of the rows: every file is verified against it."""
    path: Path
    """Where it stands in the store."""
    time_column: ColumnName | None = None
    """Column that holds each row's time."""
    roles: dict[ColumnName, Role] = Field(default_factory=dict)
    """What columns are for, where it is not Feature."""
    limits: tuple[ColumnLimits, ...] = ()
    """What the contract allows, of the columns where it says so."""


class TrainingTask(Spec):
    """Train, evaluate and store one version."""

    model: Name
    """Name of the Model."""
    namespace: Name
    """Its namespace."""
    snapshot: SnapshotInput
    """What it learns from."""
    target: ColumnName
    """Column that it learns to predict."""
    problem: Problem
    """What kind of answer it gives."""
    positive_class: str | None = None
    """Value of the target that counts as positive."""
    metric: Metric | None = None
    """The headline measure; absent: by the problem and the number of classes."""
    recipe: Recipe
    """The pipeline."""
    split: Split
    """Which rows are held out."""


class TrainingReport(Status):
    """A version that was trained, evaluated and stored."""

    path: Path
    """Where the artifact stands in the store."""
    digest: Digest
    """Identity of its files."""
    bytes: int
    """Size of its files."""
    estimator: str
    """Class name of the estimator."""
    parameters: dict[str, str]
    """Parameters of the estimator, with those that a search chose."""
    metric: Metric
    """The headline measure."""
    samples: int
    """Number of held-out rows."""
    metrics: dict[Metric, Measure]
    """Every measure, by name."""
    tier: Tier = Tier.PIPELINE
    """How it is served."""
    tier_reason: TierReason | None = None
    """Why no faster tier serves it; absent for the fastest."""
    compared_rows: Count = 0
    """Number of rows that the tier and the pipeline both answered."""
    largest_difference: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = 0.0
    """Largest difference between their answers: relative above 1, absolute below."""


class FailureReport(Status):
    """Why a step ended without a result."""

    reason: JobReason
    """A word to search for."""
    message: Text
    """What happened, and what to do about it."""
    in_spec: bool = False
    """Whether only a change of the spec can cure it."""
    quality: QualityReport | None = None
    """Which checks failed."""


Task = Literal["snapshot", "training"]
Step = Literal["prepare", "work", "publish"]
