import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.cross_decomposition import PLSRegression
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    GammaRegressor,
    HuberRegressor,
    Lars,
    Lasso,
    LinearRegression,
    LogisticRegression,
    OrthogonalMatchingPursuit,
    Perceptron,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
    TheilSenRegressor,
    TweedieRegressor,
)
from sklearn.svm import LinearSVC, LinearSVR

from builders.compiled import WIDTH, amounts, both, flags, grades, levels, rows
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.linear import compile_regression

REGRESSIONS = [
    ARDRegression(),
    BayesianRidge(),
    ElasticNet(alpha=0.01),
    GammaRegressor(),
    HuberRegressor(max_iter=1000),
    Lars(),
    Lasso(alpha=0.01),
    LinearRegression(),
    LinearRegression(fit_intercept=False),
    LinearSVR(max_iter=100_000),
    OrthogonalMatchingPursuit(),
    PLSRegression(),
    PoissonRegressor(),
    QuantileRegressor(alpha=0.01),
    Ridge(),
    SGDRegressor(random_state=0),
    TheilSenRegressor(max_subpopulation=100, random_state=0),
    TweedieRegressor(power=0, link="identity"),
    TweedieRegressor(power=1.5),
]
CLASSIFIERS = [
    LinearDiscriminantAnalysis(),
    LinearSVC(),
    LogisticRegression(max_iter=1000),
    Perceptron(random_state=0),
    RidgeClassifier(),
    SGDClassifier(loss="hinge", random_state=0),
    SGDClassifier(loss="log_loss", random_state=0),
    SGDClassifier(loss="modified_huber", random_state=0),
]


def name(estimator):
    return repr(estimator)


@pytest.mark.parametrize("estimator", REGRESSIONS, ids=name)
def test_a_regression_answers_as_it_was_fitted(estimator, tmp_path):
    dense = rows()
    assert both(estimator.fit(dense, amounts(dense)), tmp_path).agree(rows(seed=5))


@pytest.mark.parametrize("target", [flags, levels, grades])
@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=name)
def test_a_classifier_answers_as_it_was_fitted(estimator, target, tmp_path):
    dense = rows()
    assert both(estimator.fit(dense, target(dense)), tmp_path).agree(rows(seed=5))


def test_the_solver_for_two_classes_changes_nothing(tmp_path):
    dense = rows()
    fitted = LogisticRegression(solver="liblinear").fit(dense, flags(dense))
    assert both(fitted, tmp_path).agree(dense)


@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
@pytest.mark.parametrize("scale", [1e3, 1e6])
def test_scores_far_from_every_class_leave_the_shares_that_scikit_learn_leaves(
    loss, scale, tmp_path
):
    dense = rows()
    fitted = SGDClassifier(loss=loss, random_state=0).fit(dense, grades(dense))
    assert both(fitted, tmp_path).agree(dense * scale)


def test_sparse_coefficients_are_not_compiled():
    dense = rows()
    fitted = Lasso().fit(dense, amounts(dense))
    fitted.coef_ = csr_array(np.atleast_2d(fitted.coef_))
    with pytest.raises(NotCompilableError, match="Lasso"):
        compile_regression(fitted, WIDTH)
