import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from builders.designs import design, rows
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.evaluation.predictions import (
    ClassPredictions,
    RegressionPredictions,
    predictions_of,
)
from perennial.jobs.recipe.fit import fitted


def predictions(target: str, **recipe) -> ClassPredictions | RegressionPredictions:
    stated, learned = design(target, **recipe), rows(target)
    trained = TrainedPipeline(stated.schema, fitted(stated, learned))
    return predictions_of(trained, learned, trained.answer(learned.frame))


def test_numbers_stand_beside_the_actual_ones():
    found = predictions("price", estimator="Ridge")
    assert isinstance(found, RegressionPredictions)
    assert found.actual.tolist() == rows("price").target.tolist()


@pytest.mark.parametrize("target", ["late", "grade", "level"])
def test_classes_are_counted_in_the_order_of_the_schema(target):
    found = predictions(target, estimator="GaussianNB")
    labels = np.array(design(target).schema.classes, dtype=object)
    assert labels[found.actual].tolist() == rows(target).target.tolist()
    assert found.probabilities.shape == (240, len(labels))


def test_only_two_classes_have_a_positive_one():
    assert predictions("late", estimator="GaussianNB").positive == 1
    assert predictions("grade", estimator="GaussianNB").scores is None


@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("estimator", ["LinearSVC", "GaussianNB"])
def test_scores_are_higher_for_the_positive_class(estimator, positive):
    stated, learned = design(estimator=estimator), rows()
    schema = stated.schema.model_copy(update={"positive_class": positive})
    trained = TrainedPipeline(schema, fitted(stated, learned))
    found = predictions_of(trained, learned, trained.answer(learned.frame))
    assert roc_auc_score(learned.target == positive, found.scores) > 0.8
