import pytest

from builders.designs import design
from builders.training import task
from perennial.api.model import Metric
from perennial.api.reasons import JobReason
from perennial.jobs.evaluation.headline import check_measurable, headline, score_of
from perennial.jobs.recipe.pipeline import build
from perennial.jobs.report import JobFailure


@pytest.mark.parametrize(
    ("target", "metric"),
    [("late", "roc_auc"), ("grade", "accuracy"), ("level", "accuracy"), ("price", "r2")],
)
def test_the_default_metric_depends_on_the_target(target, metric):
    assert headline(task(target), design(target).schema) == metric


def test_the_spec_may_name_another():
    assert headline(task(metric="log_loss"), design().schema) is Metric.LOG_LOSS


def test_the_better_value_has_the_higher_score():
    assert score_of(Metric.R2, 0.9) > score_of(Metric.R2, 0.1)
    assert score_of(Metric.LOG_LOSS, 0.1) > score_of(Metric.LOG_LOSS, 0.9)


@pytest.mark.parametrize(
    ("target", "metric"), [("late", Metric.LOG_LOSS), ("grade", Metric.ROC_AUC)]
)
def test_a_metric_of_probabilities_needs_an_estimator_that_gives_them(target, metric):
    stated = design(target, estimator="LinearSVC")
    with pytest.raises(
        JobFailure, match="needs probabilities, and LinearSVC gives none"
    ) as failure:
        check_measurable(metric, stated.schema, build(stated))
    assert failure.value.reason is JobReason.INVALID_SPEC
    sure = design(target, estimator="LogisticRegression")
    check_measurable(metric, sure.schema, build(sure))


def test_the_parameters_decide_whether_there_are_probabilities():
    hinge = design(estimator="SGDClassifier", parameters={"loss": "hinge"})
    with pytest.raises(JobFailure):
        check_measurable(Metric.BRIER_SCORE, hinge.schema, build(hinge))
    logistic = design(estimator="SGDClassifier", parameters={"loss": "log_loss"})
    check_measurable(Metric.BRIER_SCORE, logistic.schema, build(logistic))


def test_two_classes_are_ranked_without_probabilities():
    stated = design(estimator="LinearSVC")
    check_measurable(Metric.ROC_AUC, stated.schema, build(stated))
