"""Every transformer and estimator that has a compiled form, and some that have none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    ElasticNet,
    GammaRegressor,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    SGDClassifier,
    SGDRegressor,
    TweedieRegressor,
)
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC, LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from builders.rounded_flights import NUMBERS, TEXTS
from perennial.artifacts.tier import Tier

Make = Callable[[], BaseEstimator]

CLASSIFICATIONS = ("binary", "multiclass")
REGRESSION = ("regression",)
SMALL = {"n_estimators": 12, "random_state": 0}
FEW = {"max_iter": 15, "random_state": 0}


@dataclass(frozen=True)
class Case:
    """One pipeline, what it learns, and how it is to be served."""

    name: str
    kind: str
    make: Callable[[], Pipeline]
    tier: Tier = Tier.COMPILED

    @property
    def id(self) -> str:
        return f"{self.name}-{self.kind}"


def cases() -> Iterator[Case]:
    yield from _transformer_cases()
    yield from _estimator_cases()


def columns(numbers: BaseEstimator, texts: BaseEstimator, **more) -> ColumnTransformer:
    """Return what makes numbers and texts dense."""
    steps = [("numbers", numbers, list(NUMBERS)), ("texts", texts, list(TEXTS))]
    return ColumnTransformer(steps, **{"sparse_threshold": 0, **more})


def one_hot(**options) -> OneHotEncoder:
    usual = {"handle_unknown": "infrequent_if_exist", "max_categories": 10}
    return OneHotEncoder(**{**usual, **options}, sparse_output=False)


def scaled(scaler: BaseEstimator | None = None) -> Pipeline:
    return make_pipeline(SimpleImputer(strategy="median"), scaler or StandardScaler())


def ordinal(**options) -> OrdinalEncoder:
    usual = {
        "handle_unknown": "use_encoded_value",
        "unknown_value": np.nan,
        "encoded_missing_value": np.nan,
    }
    return OrdinalEncoder(**{**usual, **options})


def of_numbers(transformer: BaseEstimator) -> ColumnTransformer:
    return columns(transformer, one_hot())


def of_texts(transformer: BaseEstimator) -> ColumnTransformer:
    return columns(scaled(), transformer)


def binned(**options) -> Pipeline:
    usual = {"n_bins": 6, "quantile_method": "averaged_inverted_cdf", "random_state": 0}
    return make_pipeline(SimpleImputer(), KBinsDiscretizer(**{**usual, **options}))


def imputed(**options) -> Pipeline:
    return make_pipeline(SimpleImputer(**options), StandardScaler())


TRANSFORMERS: dict[str, Make] = {
    "SimpleImputer mean": lambda: of_numbers(imputed(strategy="mean")),
    "SimpleImputer median": lambda: of_numbers(imputed(strategy="median")),
    "SimpleImputer most_frequent": lambda: of_numbers(imputed(strategy="most_frequent")),
    "SimpleImputer constant": lambda: of_numbers(imputed(strategy="constant", fill_value=-1.5)),
    "SimpleImputer with indicator": lambda: of_numbers(imputed(add_indicator=True)),
    "SimpleImputer of texts": lambda: of_texts(
        make_pipeline(SimpleImputer(strategy="most_frequent"), one_hot())
    ),
    "SimpleImputer of texts, constant": lambda: of_texts(
        make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), one_hot())
    ),
    "StandardScaler": lambda: of_numbers(scaled()),
    "StandardScaler, mean kept": lambda: of_numbers(scaled(StandardScaler(with_mean=False))),
    "MinMaxScaler": lambda: of_numbers(scaled(MinMaxScaler())),
    "MinMaxScaler, clipped": lambda: of_numbers(scaled(MinMaxScaler(clip=True))),
    "MaxAbsScaler": lambda: of_numbers(scaled(MaxAbsScaler())),
    "RobustScaler": lambda: of_numbers(scaled(RobustScaler())),
    "KBinsDiscretizer onehot": lambda: of_numbers(binned(encode="onehot")),
    "KBinsDiscretizer onehot-dense, uniform": lambda: of_numbers(
        binned(encode="onehot-dense", strategy="uniform")
    ),
    "KBinsDiscretizer onehot-dense, kmeans": lambda: of_numbers(
        binned(encode="onehot-dense", strategy="kmeans")
    ),
    "KBinsDiscretizer ordinal": lambda: of_numbers(binned(encode="ordinal")),
    "OneHotEncoder ignore": lambda: of_texts(one_hot(handle_unknown="ignore", max_categories=None)),
    "OneHotEncoder warn": lambda: of_texts(one_hot(handle_unknown="warn")),
    "OneHotEncoder error": lambda: of_texts(one_hot(handle_unknown="error")),
    "OneHotEncoder infrequent_if_exist": lambda: of_texts(one_hot()),
    "OneHotEncoder min_frequency": lambda: of_texts(
        one_hot(min_frequency=0.03, max_categories=None)
    ),
    "OneHotEncoder drop first": lambda: of_texts(one_hot(drop="first")),
    "OneHotEncoder drop if_binary": lambda: of_texts(
        make_pipeline(SimpleImputer(strategy="most_frequent"), one_hot(drop="if_binary"))
    ),
    "OneHotEncoder of numbers": lambda: ColumnTransformer(
        [
            ("hours", one_hot(max_categories=None), ["hour", "weekend", "seats"]),
            ("texts", one_hot(), list(TEXTS)),
        ]
    ),
    "OrdinalEncoder": lambda: of_texts(ordinal(unknown_value=-1, encoded_missing_value=-2)),
    "OrdinalEncoder error": lambda: of_texts(
        ordinal(handle_unknown="error", unknown_value=None, encoded_missing_value=-1)
    ),
    "OrdinalEncoder max_categories": lambda: of_texts(
        ordinal(unknown_value=-1, encoded_missing_value=-2, max_categories=6)
    ),
    "TargetEncoder": lambda: of_texts(TargetEncoder(random_state=0, shuffle=True)),
    "FunctionTransformer without a function": lambda: of_numbers(
        make_pipeline(FunctionTransformer(), scaled())
    ),
    "FeatureUnion": lambda: of_numbers(
        FeatureUnion([("scaled", scaled()), ("binned", binned(encode="onehot-dense"))])
    ),
    "passthrough, drop and remainder": lambda: ColumnTransformer(
        [
            ("scaled", scaled(), ["dep_delay", "temperature", "wind", "seats", "weekend"]),
            ("kept", "passthrough", ["hour"]),
            ("left", "drop", ["time_hour"]),
            ("texts", one_hot(), list(TEXTS)),
        ],
        remainder=StandardScaler(),
    ),
    "ColumnTransformer in Pipeline": lambda: make_pipeline(
        columns(SimpleImputer(), one_hot()), MaxAbsScaler()
    ),
}
NOT_ENCODED: dict[str, Make] = {
    "FunctionTransformer with a function": lambda: of_numbers(
        make_pipeline(SimpleImputer(), FunctionTransformer(np.arctan))
    ),
    "QuantileTransformer": lambda: of_numbers(
        make_pipeline(SimpleImputer(), QuantileTransformer(n_quantiles=50))
    ),
}


def _transformer_cases() -> Iterator[Case]:
    for made, tier in ((TRANSFORMERS, Tier.COMPILED), (NOT_ENCODED, Tier.PIPELINE)):
        for name, make in made.items():
            kinds = CLASSIFICATIONS + REGRESSION if name == "TargetEncoder" else ("binary",)
            for kind in kinds:
                model = Ridge if kind == "regression" else _logistic
                yield Case(name, kind, _pipeline(make, model), tier)


def _logistic() -> LogisticRegression:
    return LogisticRegression(C=0.1, max_iter=300)


def _pipeline(transformer: Make, estimator: Make) -> Callable[[], Pipeline]:
    return lambda: Pipeline([("columns", transformer()), ("estimator", estimator())])


def _usual() -> ColumnTransformer:
    return columns(scaled(), one_hot())


def _with_missing() -> ColumnTransformer:
    return columns("passthrough", ordinal(max_categories=30))


def _one_hot_with_missing() -> ColumnTransformer:
    return columns("passthrough", one_hot())


def _by_category() -> dict[str, object]:
    return {"categorical_features": list(range(len(NUMBERS), len(NUMBERS) + len(TEXTS)))}


def _calibrated(estimator: BaseEstimator, method: str) -> CalibratedClassifierCV:
    return CalibratedClassifierCV(estimator, method=method, cv=3)


def _voters(*, regression: bool) -> list[tuple[str, BaseEstimator]]:
    if regression:
        return [("line", Ridge()), ("trees", RandomForestRegressor(**SMALL, max_depth=6))]
    return [("line", _logistic()), ("trees", RandomForestClassifier(**SMALL, max_depth=6))]


CLASSIFIERS: dict[str, tuple[Make, Make]] = {
    "LogisticRegression": (_usual, _logistic),
    "SGDClassifier log_loss": (
        _usual,
        lambda: SGDClassifier(loss="log_loss", random_state=0),
    ),
    "SGDClassifier modified_huber": (
        _usual,
        lambda: SGDClassifier(loss="modified_huber", random_state=0),
    ),
    "SGDClassifier hinge": (_usual, lambda: SGDClassifier(random_state=0)),
    "LinearSVC": (_usual, lambda: LinearSVC(C=0.01)),
    "CalibratedClassifierCV sigmoid of LinearSVC": (
        _usual,
        lambda: _calibrated(LinearSVC(C=0.01), "sigmoid"),
    ),
    "CalibratedClassifierCV isotonic of LinearSVC": (
        _usual,
        lambda: _calibrated(LinearSVC(C=0.01), "isotonic"),
    ),
    "CalibratedClassifierCV temperature of LinearSVC": (
        _usual,
        lambda: _calibrated(LinearSVC(C=0.01), "temperature"),
    ),
    "CalibratedClassifierCV isotonic of RandomForestClassifier": (
        _usual,
        lambda: _calibrated(RandomForestClassifier(**SMALL, max_depth=6), "isotonic"),
    ),
    "CalibratedClassifierCV sigmoid of HistGradientBoostingClassifier": (
        _with_missing,
        lambda: _calibrated(HistGradientBoostingClassifier(**FEW), "sigmoid"),
    ),
    "DecisionTreeClassifier": (
        _one_hot_with_missing,
        lambda: DecisionTreeClassifier(random_state=0, min_samples_leaf=3),
    ),
    "RandomForestClassifier": (
        _one_hot_with_missing,
        lambda: RandomForestClassifier(**SMALL),
    ),
    "ExtraTreesClassifier": (
        _one_hot_with_missing,
        lambda: ExtraTreesClassifier(**SMALL, max_depth=12),
    ),
    "GradientBoostingClassifier": (_usual, lambda: GradientBoostingClassifier(**SMALL)),
    "HistGradientBoostingClassifier": (
        _one_hot_with_missing,
        lambda: HistGradientBoostingClassifier(**FEW),
    ),
    "HistGradientBoostingClassifier with categories": (
        _with_missing,
        lambda: HistGradientBoostingClassifier(**FEW, **_by_category()),
    ),
    "VotingClassifier soft": (
        _usual,
        lambda: VotingClassifier(_voters(regression=False), voting="soft", weights=[2, 1]),
    ),
    "AdaBoostClassifier": (_usual, lambda: AdaBoostClassifier(**SMALL)),
    "LinearDiscriminantAnalysis": (_usual, LinearDiscriminantAnalysis),
    "GaussianNB": (_usual, GaussianNB),
    "BernoulliNB": (_usual, BernoulliNB),
    "MLPClassifier": (_usual, lambda: MLPClassifier((8, 4), max_iter=5, random_state=0)),
    "DummyClassifier prior": (_usual, DummyClassifier),
    "DummyClassifier most_frequent": (_usual, lambda: DummyClassifier(strategy="most_frequent")),
}
REGRESSORS: dict[str, tuple[Make, Make]] = {
    "LinearRegression": (_usual, LinearRegression),
    "Ridge": (_usual, Ridge),
    "Lasso": (_usual, lambda: Lasso(alpha=0.05)),
    "ElasticNet": (_usual, lambda: ElasticNet(alpha=0.05)),
    "SGDRegressor": (_usual, lambda: SGDRegressor(random_state=0, alpha=0.01)),
    "PoissonRegressor": (_usual, lambda: PoissonRegressor(max_iter=300)),
    "GammaRegressor": (_usual, lambda: GammaRegressor(max_iter=300)),
    "TweedieRegressor": (_usual, lambda: TweedieRegressor(power=1.5, max_iter=300)),
    "TweedieRegressor identity": (_usual, lambda: TweedieRegressor(power=0, max_iter=300)),
    "HuberRegressor": (_usual, lambda: HuberRegressor(max_iter=300)),
    "LinearSVR": (_usual, lambda: LinearSVR(C=0.01)),
    "PLSRegression": (_usual, PLSRegression),
    "AdaBoostRegressor": (_usual, lambda: AdaBoostRegressor(**SMALL)),
    "MLPRegressor": (
        _usual,
        lambda: MLPRegressor(hidden_layer_sizes=(8, 4), max_iter=5, random_state=0),
    ),
    "DecisionTreeRegressor": (
        _one_hot_with_missing,
        lambda: DecisionTreeRegressor(random_state=0, min_samples_leaf=3),
    ),
    "RandomForestRegressor": (_one_hot_with_missing, lambda: RandomForestRegressor(**SMALL)),
    "ExtraTreesRegressor": (
        _one_hot_with_missing,
        lambda: ExtraTreesRegressor(**SMALL, max_depth=12),
    ),
    **{
        f"GradientBoostingRegressor {loss}": (
            _usual,
            lambda loss=loss: GradientBoostingRegressor(**SMALL, loss=loss),
        )
        for loss in ("squared_error", "absolute_error", "huber", "quantile")
    },
    **{
        f"HistGradientBoostingRegressor {loss}": (
            _with_missing,
            lambda loss=loss: HistGradientBoostingRegressor(
                **FEW, **_by_category(), loss=loss, quantile=0.8 if loss == "quantile" else None
            ),
        )
        for loss in ("squared_error", "absolute_error", "gamma", "poisson", "quantile")
    },
    "VotingRegressor": (_usual, lambda: VotingRegressor(_voters(regression=True))),
    "DummyRegressor mean": (_usual, DummyRegressor),
    "DummyRegressor quantile": (
        _usual,
        lambda: DummyRegressor(strategy="quantile", quantile=0.9),
    ),
}
NOT_COMPILED: dict[str, tuple[str, Make, Make]] = {
    "KNeighborsClassifier": (
        "multiclass",
        _usual,
        lambda: KNeighborsClassifier(algorithm="brute"),
    ),
    "SVC": ("multiclass", _usual, lambda: SVC(max_iter=50)),
    "DummyClassifier stratified": (
        "binary",
        _usual,
        lambda: DummyClassifier(strategy="stratified", random_state=0),
    ),
    "KNeighborsRegressor": (
        "regression",
        _usual,
        lambda: KNeighborsRegressor(algorithm="brute"),
    ),
}


def _estimator_cases() -> Iterator[Case]:
    for kinds, made in ((CLASSIFICATIONS, CLASSIFIERS), (REGRESSION, REGRESSORS)):
        for name, (transformer, estimator) in made.items():
            for kind in kinds:
                yield Case(name, kind, _pipeline(transformer, estimator))
    for name, (kind, transformer, estimator) in NOT_COMPILED.items():
        yield Case(name, kind, _pipeline(transformer, estimator), Tier.ENCODED)
