import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from builders.compiled import WIDTH, amounts, both, flags, grades, on_thresholds, rows, schema_for
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.estimator import compile_estimator


@pytest.mark.parametrize("target", [flags, grades])
@pytest.mark.parametrize("depth", [1, 3])
def test_a_classifier_answers_on_its_thresholds_as_it_was_fitted(depth, target, tmp_path):
    dense = rows()
    base = DecisionTreeClassifier(max_depth=depth)
    fitted = AdaBoostClassifier(base, n_estimators=5, random_state=0).fit(dense, target(dense))
    assert both(fitted, tmp_path).agree(on_thresholds(dense, fitted.estimators_))


def test_a_regression_answers_on_its_thresholds_as_it_was_fitted(tmp_path):
    dense = rows()
    fitted = AdaBoostRegressor(n_estimators=6, random_state=0).fit(dense, amounts(dense))
    assert both(fitted, tmp_path).agree(on_thresholds(dense, fitted.estimators_))


def refused(fitted):
    with pytest.raises(NotCompilableError) as caught:
        compile_estimator(fitted, WIDTH, schema_for(fitted))
    return str(caught.value)


def test_votes_of_other_models_than_trees_are_not_compiled():
    dense = rows()
    base = LogisticRegression(max_iter=1000)
    fitted = AdaBoostClassifier(base, n_estimators=2).fit(dense, flags(dense))
    assert refused(fitted) == "AdaBoostClassifier of LogisticRegression"


def test_curves_over_votes_are_not_compiled():
    dense = rows()
    base = AdaBoostClassifier(n_estimators=2)
    fitted = CalibratedClassifierCV(base, cv=2).fit(dense, flags(dense))
    assert refused(fitted) == "CalibratedClassifierCV of AdaBoostClassifier"
