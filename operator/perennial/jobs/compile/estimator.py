"""Compiles fitted estimators into expressions, by their exact class."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from sklearn import (
    calibration,
    cross_decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    linear_model,
    naive_bayes,
    neural_network,
    svm,
    tree,
)
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator

from perennial.artifacts.compiled import Estimator
from perennial.artifacts.model_schema import ModelSchema
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.adaptive_boosting import (
    compile_boosted_classifier,
    compile_boosted_regressor,
)
from perennial.jobs.compile.bayes import (
    compile_bernoulli,
    compile_complement,
    compile_gaussian,
    compile_multinomial,
)
from perennial.jobs.compile.calibration import compile_calibrated
from perennial.jobs.compile.dummy import compile_dummy_classifier, compile_dummy_regressor
from perennial.jobs.compile.gradient_boosting import compile_gradient_boosting
from perennial.jobs.compile.histogram_trees import compile_histogram_boosting
from perennial.jobs.compile.linear import (
    compile_generalized,
    compile_gradient_descent,
    compile_labels,
    compile_latent_regression,
    compile_logistic,
    compile_regression,
)
from perennial.jobs.compile.neural_network import (
    compile_network_classifier,
    compile_network_regressor,
)
from perennial.jobs.compile.trees import compile_forest, compile_tree
from perennial.jobs.compile.voting import (
    Compile,
    compile_voting_classifier,
    compile_voting_regressor,
)


def compile_estimator(estimator: BaseEstimator, width: int, schema: ModelSchema) -> Estimator:
    """Compile a fitted estimator for dense rows of this width."""
    if schema.classes is not None and not np.array_equal(estimator.classes_, schema.classes):
        raise NotCompilableError(f"{type(estimator).__name__} knows other classes than the schema")
    return _compile_part(estimator, width)


def _compile_part(estimator: BaseEstimator, width: int) -> Estimator:
    # by the very class: a class that inherits may answer by another rule
    known = _COMPILERS.get(type(estimator))
    if known is None:
        raise NotCompilableError(f"{type(estimator).__name__} has no compiled form")
    return known(estimator, width)


def _compile_frozen(estimator: BaseEstimator, width: int) -> Estimator:
    return _compile_part(estimator.estimator, width)


def _of_parts(compiler: Callable[[BaseEstimator, int, Compile], Estimator]) -> Compile:
    return lambda estimator, width: compiler(estimator, width, _compile_part)


_COMPILERS: Final[Mapping[type[BaseEstimator], Compile]] = {
    calibration.CalibratedClassifierCV: _of_parts(compile_calibrated),
    cross_decomposition.PLSRegression: compile_latent_regression,
    discriminant_analysis.LinearDiscriminantAnalysis: compile_logistic,
    dummy.DummyClassifier: compile_dummy_classifier,
    dummy.DummyRegressor: compile_dummy_regressor,
    ensemble.AdaBoostClassifier: compile_boosted_classifier,
    ensemble.AdaBoostRegressor: compile_boosted_regressor,
    ensemble.ExtraTreesClassifier: compile_forest,
    ensemble.ExtraTreesRegressor: compile_forest,
    ensemble.GradientBoostingClassifier: compile_gradient_boosting,
    ensemble.GradientBoostingRegressor: compile_gradient_boosting,
    ensemble.HistGradientBoostingClassifier: compile_histogram_boosting,
    ensemble.HistGradientBoostingRegressor: compile_histogram_boosting,
    ensemble.RandomForestClassifier: compile_forest,
    ensemble.RandomForestRegressor: compile_forest,
    ensemble.VotingClassifier: _of_parts(compile_voting_classifier),
    ensemble.VotingRegressor: _of_parts(compile_voting_regressor),
    FrozenEstimator: _compile_frozen,
    linear_model.ARDRegression: compile_regression,
    linear_model.BayesianRidge: compile_regression,
    linear_model.ElasticNet: compile_regression,
    linear_model.ElasticNetCV: compile_regression,
    linear_model.GammaRegressor: compile_generalized,
    linear_model.HuberRegressor: compile_regression,
    linear_model.Lars: compile_regression,
    linear_model.LarsCV: compile_regression,
    linear_model.Lasso: compile_regression,
    linear_model.LassoCV: compile_regression,
    linear_model.LassoLars: compile_regression,
    linear_model.LassoLarsCV: compile_regression,
    linear_model.LassoLarsIC: compile_regression,
    linear_model.LinearRegression: compile_regression,
    linear_model.LogisticRegression: compile_logistic,
    linear_model.LogisticRegressionCV: compile_logistic,
    linear_model.OrthogonalMatchingPursuit: compile_regression,
    linear_model.OrthogonalMatchingPursuitCV: compile_regression,
    linear_model.Perceptron: compile_labels,
    linear_model.PoissonRegressor: compile_generalized,
    linear_model.QuantileRegressor: compile_regression,
    linear_model.Ridge: compile_regression,
    linear_model.RidgeClassifier: compile_labels,
    linear_model.RidgeClassifierCV: compile_labels,
    linear_model.RidgeCV: compile_regression,
    linear_model.SGDClassifier: compile_gradient_descent,
    linear_model.SGDRegressor: compile_regression,
    linear_model.TheilSenRegressor: compile_regression,
    linear_model.TweedieRegressor: compile_generalized,
    naive_bayes.BernoulliNB: compile_bernoulli,
    naive_bayes.ComplementNB: compile_complement,
    naive_bayes.GaussianNB: compile_gaussian,
    naive_bayes.MultinomialNB: compile_multinomial,
    neural_network.MLPClassifier: compile_network_classifier,
    neural_network.MLPRegressor: compile_network_regressor,
    svm.LinearSVC: compile_labels,
    svm.LinearSVR: compile_regression,
    tree.DecisionTreeClassifier: compile_tree,
    tree.DecisionTreeRegressor: compile_tree,
    tree.ExtraTreeClassifier: compile_tree,
    tree.ExtraTreeRegressor: compile_tree,
}
