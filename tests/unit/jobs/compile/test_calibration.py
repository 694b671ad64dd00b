import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from builders.compiled import both, flags, grades, rows

# one that has a decision function with labels only, with probabilities too, and one without
BASES = [
    LinearSVC(),
    HistGradientBoostingClassifier(max_iter=3),
    RandomForestClassifier(3, random_state=0),
]


@pytest.mark.parametrize("target", [flags, grades])
@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
@pytest.mark.parametrize("base", BASES, ids=lambda base: type(base).__name__)
def test_curves_are_taken_of_what_scikit_learn_takes_them_of(base, method, target, tmp_path):
    dense = rows()
    fitted = CalibratedClassifierCV(base, method=method, cv=2).fit(dense, target(dense))
    assert both(fitted, tmp_path).agree(rows(seed=5))


@pytest.mark.parametrize("target", [flags, grades])
def test_one_curve_may_stand_for_all_folds(target, tmp_path):
    dense = rows()
    fitted = CalibratedClassifierCV(LinearSVC(), ensemble=False, cv=2).fit(dense, target(dense))
    assert both(fitted, tmp_path).agree(rows(seed=5))


def test_a_classifier_that_was_fitted_before_is_compiled_too(tmp_path):
    dense = rows()
    before = LogisticRegression(max_iter=1000).fit(dense, grades(dense))
    fitted = CalibratedClassifierCV(FrozenEstimator(before), cv=2).fit(dense, grades(dense))
    assert both(fitted, tmp_path).agree(rows(seed=5))
