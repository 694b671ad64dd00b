"""Model: a recipe, a Dataset to train on, and the quality that versions must reach."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from perennial.api.conditions import Conditions
from perennial.api.pod import JobRun, Owner
from perennial.api.problem import Problem
from perennial.api.retraining import Retraining, RetrainingRecord, RetrainingStatus
from perennial.api.scalars import (
    ColumnName,
    Count,
    DecimalString,
    Digest,
    Duration,
    Generation,
    Name,
    Ratio,
    Text,
    Time,
    Word,
)
from perennial.api.schema import Rule, Spec, Status, list_map, matching, rules

ParameterName = Annotated[
    str,
    matching(
        r"^[a-zA-Z][a-zA-Z0-9_]*$",
        64,
        "a parameter has its scikit-learn name, such as max_iter or C",
    ),
]
EstimatorName = Annotated[
    str,
    matching(
        r"^[A-Z][A-Za-z0-9]*$",
        64,
        "an estimator has the name of its scikit-learn class, such as LogisticRegression",
    ),
]
ParameterValue = Annotated[str, Field(max_length=1024)]
Candidate = Annotated[str, Field(max_length=256)]


class Metric(StrEnum):
    """Metrics of a model, by their scikit-learn names."""

    ROC_AUC = "roc_auc"
    AVERAGE_PRECISION = "average_precision"
    ACCURACY = "accuracy"
    BALANCED_ACCURACY = "balanced_accuracy"
    F1 = "f1"
    PRECISION = "precision"
    RECALL = "recall"
    LOG_LOSS = "log_loss"
    BRIER_SCORE = "brier_score"
    R2 = "r2"
    MEAN_ABSOLUTE_ERROR = "mean_absolute_error"
    MEAN_SQUARED_ERROR = "mean_squared_error"
    ROOT_MEAN_SQUARED_ERROR = "root_mean_squared_error"
    MEDIAN_ABSOLUTE_ERROR = "median_absolute_error"
    MEAN_ABSOLUTE_PERCENTAGE_ERROR = "mean_absolute_percentage_error"


REGRESSION_METRICS = (
    Metric.R2,
    Metric.MEAN_ABSOLUTE_ERROR,
    Metric.MEAN_SQUARED_ERROR,
    Metric.ROOT_MEAN_SQUARED_ERROR,
    Metric.MEDIAN_ABSOLUTE_ERROR,
    Metric.MEAN_ABSOLUTE_PERCENTAGE_ERROR,
)
CLASSIFICATION_METRICS = tuple(metric for metric in Metric if metric not in REGRESSION_METRICS)

_NEVER_ABOVE_ONE = (
    Metric.R2,
    *(metric for metric in CLASSIFICATION_METRICS if metric is not Metric.LOG_LOSS),
)


def _cel_list(metrics: Iterable[Metric]) -> str:
    return f"[{', '.join(repr(str(metric)) for metric in metrics)}]"


_IS_REGRESSION = _cel_list(REGRESSION_METRICS)
_IS_SHARE = _cel_list(_NEVER_ABOVE_ONE)


class DatasetReference(Spec):
    """A reference to a Dataset in the same namespace."""

    name: Name
    """Name of the Dataset."""


class NumericPreprocessing(Spec):
    """Preprocessing of numeric columns."""

    impute: Literal["Median", "Mean", "MostFrequent", "Nothing"] | None = None
    """Replacement of missing numbers. Defaults to Median if the estimator requires one."""
    scale: Literal["Standard", "MinMax", "Robust", "Nothing"] | None = None
    """Scaling of numbers. Defaults to Standard for estimators that benefit from it."""


class CategoricalPreprocessing(Spec):
    """Preprocessing of categorical columns."""

    encode: Literal["OneHot", "Ordinal", "Target"] = "OneHot"
    """Encoding of categories as numbers."""
    max_categories: Annotated[int, Field(ge=2, le=1024)] = 64
    """Maximum number of categories of a column; the rarest are merged. Not used with Target."""


class Search(Spec):
    """A random search over parameters, with cross-validation on the training rows."""

    folds: Annotated[int, Field(ge=2, le=20)] = 3
    """Number of cross-validation folds."""
    max_candidates: Annotated[int, Field(ge=1, le=200)] = 20
    """Maximum number of combinations to try."""
    parameters: Annotated[
        dict[
            ParameterName,
            Annotated[tuple[Candidate, ...], Field(min_length=1, max_length=32)],
        ],
        Field(min_length=1, max_length=16),
    ]
    """Values to try, by the name of the estimator's parameter."""


class Recipe(Spec):
    """A declarative scikit-learn pipeline."""

    model_config = rules(
        Rule(
            "!has(self.search) || !has(self.parameters) "
            "|| self.search.parameters.all(name, !(name in self.parameters))",
            "a parameter is both fixed and searched: remove it from parameters or from "
            "search.parameters",
        ),
        Rule(
            "!has(self.parameters) || !('random_state' in self.parameters)",
            "remove random_state from parameters: training.split.seed decides every random choice",
        ),
    )

    estimator: EstimatorName | None = None
    """Class name of a scikit-learn estimator. Defaults to HistGradientBoosting for the problem."""
    parameters: Annotated[
        dict[ParameterName, ParameterValue], Field(max_length=64, default_factory=dict)
    ]
    """Parameters of the estimator, by name. Values are JSON in strings, or plain strings."""
    numeric: NumericPreprocessing = NumericPreprocessing()
    """Preprocessing of numeric columns."""
    categorical: CategoricalPreprocessing = CategoricalPreprocessing()
    """Preprocessing of categorical columns."""
    search: Search | None = None
    """A search over parameters. Defaults to no search."""


class Split(Spec):
    """Split into training rows and held-out rows, which are used for evaluation."""

    model_config = rules(
        Rule(
            "has(self.column) == (has(self.method) && self.method == 'Group')",
            "column and method: Group require each other: set both or neither",
        ),
        Rule(
            "!has(self.holdout) || (double(self.holdout) >= 0.01 && double(self.holdout) <= 0.9)",
            "holdout must be from 0.01 to 0.9, to leave rows for both training and evaluation",
        ),
    )

    method: Literal["Time", "Random", "Group"] | None = None
    """Hold out the newest rows, random rows or whole groups. Defaults to Time with a timeColumn."""
    column: ColumnName | None = None
    """Column that identifies the groups."""
    holdout: Ratio = "0.2"
    """Share of the rows to hold out."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Random seed of the training."""


class TrainingJob(JobRun):
    """Settings of the training Job. A change does not repeat completed work."""

    deadline: Duration = "2h"
    """Maximum duration of one attempt."""


class Training(Spec):
    """How versions of the Model are trained."""

    recipe: Recipe
    """A declarative scikit-learn pipeline."""
    split: Split = Split()
    """Split into training rows and held-out rows."""
    job: TrainingJob = TrainingJob()
    """Settings of the training Job."""


class MetricGate(Spec):
    """A limit for a metric on the held-out rows."""

    model_config = rules(
        Rule(
            "has(self.atLeast) != has(self.atMost)",
            "set exactly one of atLeast and atMost",
        ),
        Rule(
            f"!(self.name in {_IS_SHARE}) "
            "|| ((!has(self.atLeast) || double(self.atLeast) <= 1.0) "
            "&& (!has(self.atMost) || double(self.atMost) <= 1.0))",
            'this metric is at most 1: write "0.70" for 70 %',
        ),
    )

    name: Metric
    """Name of the metric."""
    at_least: DecimalString | None = None
    """Smallest value that passes the gate."""
    at_most: DecimalString | None = None
    """Largest value that passes the gate."""
    enforce: Literal["Required", "Advisory", "Disabled"] = "Required"
    """Required: a version that fails is never Ready. Advisory: a failure is only reported."""


class Validation(Spec):
    """Requirements that a version must meet before it can be served."""

    metrics: Annotated[tuple[MetricGate, ...], Field(max_length=16), list_map()] = ()
    """Limits for metrics on the held-out rows."""


class Versions(Spec):
    """Retention of versions."""

    keep: Annotated[int, Field(ge=1, le=100)] = 10
    """Number of newest versions to keep. A version that is served is always kept."""


class ArtifactPlace(Spec):
    """Storage of artifacts."""

    store: Name = "default"
    """Name of an object store in the operator's configuration."""


class ModelSpec(Spec):
    """Desired training and validation of a model."""

    model_config = rules(
        Rule(
            "self.problem == 'Classification' || !has(self.positiveClass)",
            "positiveClass requires problem: Classification; remove it or change problem",
        ),
        Rule(
            f"!has(self.metric) || (self.metric in {_IS_REGRESSION}) "
            "== (self.problem == 'Regression')",
            "metric does not apply to this problem: r2 and the error metrics apply to Regression, "
            "all others to Classification",
        ),
        Rule(
            "!has(self.validation) || !has(self.validation.metrics) "
            f"|| self.validation.metrics.all(m, (m.name in {_IS_REGRESSION}) "
            "== (self.problem == 'Regression'))",
            "validation.metrics has a metric that does not apply to this problem: r2 and the error "
            "metrics apply to Regression, all others to Classification",
        ),
    )

    description: Text | None = None
    """Human-readable description of the model."""
    owner: Owner | None = None
    """Team that is responsible for the model."""
    dataset: DatasetReference
    """Dataset to train on."""
    target: ColumnName
    """Column to predict."""
    problem: Problem
    """Kind of problem that the model solves."""
    positive_class: Word | None = None
    """Value of the target that is the positive class. Defaults to true, 1 or the last in order."""
    metric: Metric | None = None
    """Headline metric. Defaults to roc_auc (two classes), accuracy (more) or r2 (regression)."""
    training: Training
    """How versions of the Model are trained."""
    validation: Validation = Validation()
    """Requirements that a version must meet before it can be served."""
    retraining: Retraining = Retraining()
    """Triggers of a retraining, and their limits. A changed recipe or contract needs none."""
    versions: Versions = Versions()
    """Retention of versions."""
    artifact: ArtifactPlace = ArtifactPlace()
    """Storage of artifacts."""


class TrainingRun(Status):
    """The newest training Job."""

    job: Name
    """Name of the Job."""
    attempt: Count
    """Number of attempts at these inputs, including this one."""
    inputs: Digest
    """Digest of the training inputs."""
    started_at: Time
    """Time at which the attempt started."""


class TrainingFailure(Status):
    """A training that ended without a version."""

    at: Time
    """Time at which the training ended."""
    job: Name
    """Name of the Job."""
    reason: Annotated[str, Field(max_length=63)]
    """Machine-readable reason in CamelCase."""
    message: Text
    """Human-readable explanation, with the remedy."""


class ModelStatus(Status):
    """Observed state of a Model."""

    observed_generation: Generation = -1
    """Newest generation of the spec that this status reflects. -1 before the first visit."""
    training: TrainingRun | None = None
    """The newest training Job."""
    current_version: Name | None = None
    """Name of the version that was trained from the current inputs."""
    latest_version: Name | None = None
    """Name of the newest version."""
    latest_ready: Name | None = None
    """Name of the newest version that is Ready."""
    versions: Count = 0
    """Number of versions."""
    retraining: RetrainingStatus | None = None
    """The newest retraining."""
    retrainings: Annotated[tuple[RetrainingRecord, ...], Field(max_length=31)] = ()
    """Most recent retrainings that ended, newest first."""
    failures: Annotated[tuple[TrainingFailure, ...], Field(max_length=10)] = ()
    """Most recent trainings that ended without a version, newest first."""
    conditions: Conditions = ()
    """Conditions of types Ready, Reconciling, Stalled and Degraded."""
