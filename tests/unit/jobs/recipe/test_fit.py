import pytest

from builders.designs import design, rows
from perennial.api.reasons import JobReason
from perennial.jobs.recipe.fit import fitted
from perennial.jobs.report import JobFailure


def test_a_pipeline_is_fitted():
    learned = rows()
    pipeline = fitted(design(estimator="GaussianNB"), learned)
    assert pipeline.predict(learned.frame).shape == (240,)


def test_what_scikit_learn_refuses_is_told_in_its_own_words():
    stated = design(
        estimator="LogisticRegression", parameters={"solver": "liblinear", "l1_ratio": "0.5"}
    )
    with pytest.raises(JobFailure) as failure:
        fitted(stated, rows("grade"))
    assert failure.value.reason is JobReason.FIT_FAILED
    assert failure.value.in_spec
    assert failure.value.message.startswith("LogisticRegression cannot be fitted: ")
    assert failure.value.message.endswith(
        "; change spec.training.recipe, or the rows of the Dataset"
    )


def test_long_words_are_shortened():
    stated = design("price", estimator="GammaRegressor", parameters={"alpha": "0"})
    negative = rows("price")
    negative.target[0] = -1
    with pytest.raises(JobFailure) as failure:
        fitted(stated, negative)
    assert len(failure.value.message) < 500
    assert "\n" not in failure.value.message
