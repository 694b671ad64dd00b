import pytest

from perennial.api.model import (
    CLASSIFICATION_METRICS,
    REGRESSION_METRICS,
    Metric,
    ModelSpec,
    Training,
)

SMALLEST = {
    "dataset": {"name": "churn"},
    "target": "churned",
    "problem": "Classification",
    "training": {"recipe": {}},
}


def test_dataset_target_problem_and_an_empty_recipe_are_enough():
    spec = ModelSpec.model_validate(SMALLEST)
    assert spec.training.recipe.estimator is None
    assert spec.training.split.holdout == "0.2"
    assert spec.validation.metrics == ()
    assert spec.versions.keep == 10


def test_every_measure_is_for_one_kind_of_problem():
    assert set(CLASSIFICATION_METRICS) | set(REGRESSION_METRICS) == set(Metric)
    assert set(CLASSIFICATION_METRICS).isdisjoint(REGRESSION_METRICS)


@pytest.mark.parametrize("job", [None, {}, {"pod": {"serviceAccountName": "trainer"}}])
def test_a_training_has_two_hours_however_much_of_its_job_is_written(job):
    written = {"recipe": {}} if job is None else {"recipe": {}, "job": job}
    assert Training.model_validate(written).job.deadline == "2h"


def test_parameters_have_the_very_names_of_scikit_learn():
    recipe = {"parameters": {"C": "1.0", "max_iter": "500", "copy_X": "true"}}
    spec = ModelSpec.model_validate({**SMALLEST, "training": {"recipe": recipe}})
    assert spec.training.recipe.parameters == recipe["parameters"]
