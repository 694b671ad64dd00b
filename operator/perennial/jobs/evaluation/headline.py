"""The headline metric of a model, which a search also optimizes."""

from sklearn.pipeline import Pipeline

from perennial.api.model import Metric
from perennial.api.problem import Problem
from perennial.api.reasons import JobReason
from perennial.api.tasks import TrainingTask
from perennial.artifacts.model_schema import ModelSchema
from perennial.jobs.report import JobFailure

_HIGHER_IS_BETTER = frozenset(
    {
        Metric.ROC_AUC,
        Metric.AVERAGE_PRECISION,
        Metric.ACCURACY,
        Metric.BALANCED_ACCURACY,
        Metric.F1,
        Metric.PRECISION,
        Metric.RECALL,
        Metric.R2,
    }
)
_NEED_PROBABILITIES = frozenset({Metric.LOG_LOSS, Metric.BRIER_SCORE})
_NEED_RANKS = frozenset({Metric.ROC_AUC, Metric.AVERAGE_PRECISION})


def headline(task: TrainingTask, schema: ModelSchema) -> Metric:
    """Return the metric named by the spec, or else the default of the problem."""
    if task.metric is not None:
        return task.metric
    if task.problem is Problem.REGRESSION:
        return Metric.R2
    return Metric.ACCURACY if schema.positive_class is None else Metric.ROC_AUC


def score_of(metric: Metric, value: float) -> float:
    """Return a score for which higher is better, as scikit-learn's scorers do."""
    return value if metric in _HIGHER_IS_BETTER else -value


def check_measurable(metric: Metric, schema: ModelSchema, pipeline: Pipeline) -> None:
    """Raise if the metric needs probabilities and the estimator gives none."""
    of_two = schema.positive_class is not None
    needs = metric in _NEED_PROBABILITIES or (metric in _NEED_RANKS and not of_two)
    if needs and not hasattr(pipeline[-1], "predict_proba"):
        name = type(pipeline[-1]).__name__
        raise JobFailure(
            JobReason.INVALID_SPEC,
            f"spec.metric: {metric} needs probabilities, and {name} gives none with these "
            "parameters; take another metric or estimator",
            in_spec=True,
        )
