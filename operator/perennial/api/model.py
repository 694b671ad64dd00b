"""Model: what to learn from a Dataset, how, and how good the result must be."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from perennial.api.conditions import Conditions
from perennial.api.pod import JobRun, Owner
from perennial.api.problem import Problem
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
        "parameters have scikit-learn's names, such as max_iter or C",
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
    """Measures of a model, by scikit-learn's names."""

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
    """A Dataset of the same namespace."""

    name: Name
    """Name of the Dataset."""


class NumericPreprocessing(Spec):
    """What happens to numbers before the estimator sees them."""

    impute: Literal["Median", "Mean", "MostFrequent", "Nothing"] | None = None
    """What replaces missing numbers; absent: Median where the estimator needs it."""
    scale: Literal["Standard", "MinMax", "Robust", "Nothing"] | None = None
    """How numbers are scaled; absent: Standard where the estimator gains by it."""


class CategoricalPreprocessing(Spec):
    """What happens to categories before the estimator sees them."""

    encode: Literal["OneHot", "Ordinal", "Target"] = "OneHot"
    """How categories become numbers."""
    max_categories: Annotated[int, Field(ge=2, le=1024)] = 64
    """Largest number of categories a column keeps; the rarest are joined (not with Target)."""


class Search(Spec):
    """A random search over parameters, judged by cross-validation on the training part."""

    folds: Annotated[int, Field(ge=2, le=20)] = 3
    """Number of folds."""
    max_candidates: Annotated[int, Field(ge=1, le=200)] = 20
    """Largest number of combinations that are tried."""
    parameters: Annotated[
        dict[
            ParameterName,
            Annotated[tuple[Candidate, ...], Field(min_length=1, max_length=32)],
        ],
        Field(min_length=1, max_length=16),
    ]
    """Values to try, by parameter of the estimator."""


class Recipe(Spec):
    """A scikit-learn pipeline, declared."""

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
    """Class name of a scikit-learn estimator; absent: HistGradientBoosting for the problem."""
    parameters: Annotated[
        dict[ParameterName, ParameterValue], Field(max_length=64, default_factory=dict)
    ]
    """Its parameters by scikit-learn's names; values are JSON in strings, else plain strings."""
    numeric: NumericPreprocessing = NumericPreprocessing()
    """What happens to numbers."""
    categorical: CategoricalPreprocessing = CategoricalPreprocessing()
    """What happens to categories."""
    search: Search | None = None
    """A search over parameters; absent: none."""


class Split(Spec):
    """Which rows are held out of training to measure the model."""

    model_config = rules(
        Rule(
            "has(self.column) == (has(self.method) && self.method == 'Group')",
            "column and method: Group belong together: set both or neither",
        ),
        Rule(
            "!has(self.holdout) || (double(self.holdout) >= 0.01 && double(self.holdout) <= 0.9)",
            "holdout must be from 0.01 to 0.9: too few rows would measure, or too few would teach",
        ),
    )

    method: Literal["Time", "Random", "Group"] | None = None
    """Time: the newest rows; Random; Group: whole groups. Absent: Time with a timeColumn."""
    column: ColumnName | None = None
    """Column that holds the groups."""
    holdout: Ratio = "0.2"
    """Share of the rows that is held out."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Seed of every random choice in training."""


class TrainingJob(JobRun):
    """How the training Job runs; changing it repeats nothing that is done."""

    deadline: Duration = "2h"
    """Longest time that one attempt may take."""


class Training(Spec):
    """How the model is made."""

    recipe: Recipe
    """A scikit-learn pipeline, declared."""
    split: Split = Split()
    """Which rows are held out."""
    job: TrainingJob = TrainingJob()
    """How the training Job runs."""


class MetricGate(Spec):
    """A limit that a measure on the held-out rows must respect."""

    model_config = rules(
        Rule(
            "has(self.atLeast) != has(self.atMost)",
            "set exactly one of atLeast and atMost",
        ),
        Rule(
            f"!(self.name in {_IS_SHARE}) "
            "|| ((!has(self.atLeast) || double(self.atLeast) <= 1.0) "
            "&& (!has(self.atMost) || double(self.atMost) <= 1.0))",
            'this measure is at most 1: write "0.70" for 70 %',
        ),
    )

    name: Metric
    """Which measure."""
    at_least: DecimalString | None = None
    """Smallest value that passes."""
    at_most: DecimalString | None = None
    """Largest value that passes."""
    enforce: Literal["Required", "Advisory", "Disabled"] = "Required"
    """Required: a version that fails is never Ready; Advisory: it is only said so."""


class Validation(Spec):
    """How good a version must be before anybody may be served by it."""

    metrics: Annotated[tuple[MetricGate, ...], Field(max_length=16), list_map()] = ()
    """Limits on measures taken on the held-out rows."""


class Versions(Spec):
    """How many versions stay."""

    keep: Annotated[int, Field(ge=1, le=100)] = 10
    """Newest versions that stay; one that is served always stays."""


class ArtifactPlace(Spec):
    """Where artifacts are stored."""

    store: Name = "default"
    """Name of an object store from the operator's configuration."""


class ModelSpec(Spec):
    """What to learn, how, and how good it must be."""

    model_config = rules(
        Rule(
            "self.problem == 'Classification' || !has(self.positiveClass)",
            "positiveClass needs problem: Classification; remove positiveClass or change problem",
        ),
        Rule(
            f"!has(self.metric) || (self.metric in {_IS_REGRESSION}) "
            "== (self.problem == 'Regression')",
            "metric does not measure this problem: r2 and errors measure Regression, "
            "the others Classification",
        ),
        Rule(
            "!has(self.validation) || !has(self.validation.metrics) "
            f"|| self.validation.metrics.all(m, (m.name in {_IS_REGRESSION}) "
            "== (self.problem == 'Regression'))",
            "validation.metrics names a measure that does not fit this problem: r2 and errors "
            "measure Regression, the others Classification",
        ),
    )

    description: Text | None = None
    """The question that the model answers."""
    owner: Owner | None = None
    """Who answers for the model."""
    dataset: DatasetReference
    """What it learns from."""
    target: ColumnName
    """Column that it learns to predict."""
    problem: Problem
    """What kind of answer it gives."""
    positive_class: Word | None = None
    """Value of the target that counts as positive; absent: true, 1 or the last in order."""
    metric: Metric | None = None
    """The headline measure; absent: roc_auc for two classes, accuracy for more, r2 for numbers."""
    training: Training
    """How it is made."""
    validation: Validation = Validation()
    """How good it must be."""
    versions: Versions = Versions()
    """How many versions stay."""
    artifact: ArtifactPlace = ArtifactPlace()
    """Where artifacts are stored."""


class TrainingRun(Status):
    """The newest training Job."""

    job: Name
    """Name of the Job."""
    attempt: Count
    """How many attempts at these inputs were begun."""
    inputs: Digest
    """Identity of what it learns from."""
    started_at: Time
    """When the attempt began."""


class TrainingFailure(Status):
    """A training that ended without a version."""

    at: Time
    """When it ended."""
    job: Name
    """Name of the Job."""
    reason: Annotated[str, Field(max_length=63)]
    """A word to search for."""
    message: Text
    """What happened, and what to do about it."""


class ModelStatus(Status):
    """What the operator knows about a Model."""

    observed_generation: Generation = -1
    """The newest generation of the spec that this status speaks of."""
    training: TrainingRun | None = None
    """The newest training Job."""
    current_version: Name | None = None
    """The version made from the Model's current inputs."""
    latest_version: Name | None = None
    """The newest version."""
    latest_ready: Name | None = None
    """The newest version that may be served."""
    versions: Count = 0
    """How many versions there are."""
    failures: Annotated[tuple[TrainingFailure, ...], Field(max_length=10)] = ()
    """The newest trainings that ended without a version, newest first."""
    conditions: Conditions = ()
    """Ready, Reconciling, Stalled, Degraded."""
