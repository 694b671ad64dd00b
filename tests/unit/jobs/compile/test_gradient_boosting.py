import pytest
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from builders.compiled import WIDTH, amounts, both, flags, grades, on_thresholds, rows
from perennial.artifacts.compiled import Decision
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.gradient_boosting import compile_gradient_boosting

CLASSIFIERS = [
    (flags, {}),
    (flags, {"loss": "exponential"}),
    (flags, {"init": "zero"}),
    (grades, {}),
    (grades, {"init": "zero"}),
]
REGRESSORS = [
    *({"loss": loss} for loss in ("squared_error", "absolute_error", "huber", "quantile")),
    {"init": "zero"},
]


@pytest.mark.parametrize(("target", "parameters"), CLASSIFIERS)
def test_a_classifier_answers_on_its_thresholds_as_it_was_fitted(target, parameters, tmp_path):
    dense = rows()
    fitted = GradientBoostingClassifier(n_estimators=3, random_state=0, **parameters)
    fitted.fit(dense, target(dense))
    trees = fitted.estimators_.ravel()
    assert both(fitted, tmp_path).agree(on_thresholds(dense, trees))


@pytest.mark.parametrize("parameters", REGRESSORS)
def test_a_regression_answers_on_its_thresholds_as_it_was_fitted(parameters, tmp_path):
    dense = rows()
    fitted = GradientBoostingRegressor(n_estimators=3, random_state=0, **parameters)
    fitted.fit(dense, amounts(dense))
    assert both(fitted, tmp_path).agree(on_thresholds(dense, fitted.estimators_.ravel()))


def test_a_score_of_zero_is_the_second_class(tmp_path):
    dense = rows()
    fitted = GradientBoostingClassifier(n_estimators=1).fit(dense, flags(dense))
    assert both(fitted, tmp_path).stored.decision is Decision.NOT_NEGATIVE


def test_a_start_from_another_model_is_not_compiled():
    dense = rows()
    start = LogisticRegression(max_iter=1000)
    fitted = GradientBoostingClassifier(n_estimators=1, init=start).fit(dense, flags(dense))
    with pytest.raises(NotCompilableError, match="LogisticRegression"):
        compile_gradient_boosting(fitted, WIDTH)
