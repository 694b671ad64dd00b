"""Every estimator that has a compiled form, by its options, and some that have none.

Each entry is what makes the rows dense, and the estimator.
"""

from functools import partial

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
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    GammaRegressor,
    HuberRegressor,
    Lars,
    LarsCV,
    Lasso,
    LassoCV,
    LassoLars,
    LassoLarsCV,
    LassoLarsIC,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    OrthogonalMatchingPursuit,
    OrthogonalMatchingPursuitCV,
    Perceptron,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeClassifier,
    RidgeClassifierCV,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
    TheilSenRegressor,
    TweedieRegressor,
)
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC, LinearSVC, LinearSVR
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from builders.rounded_flights import NUMBERS, TEXTS, flights
from builders.transformers import Make, columns, one_hot, ordinal, scaled

Steps = tuple[Make, Make]

SMALL = {"n_estimators": 12, "random_state": 0}
FEW = {"max_iter": 15, "random_state": 0}
LEAVES = {"min_samples_leaf": 3, "random_state": 0}


def usual() -> ColumnTransformer:
    return columns(scaled(), one_hot())


def _clipped() -> ColumnTransformer:
    """Return what makes numbers that are neither negative nor too large for a float32."""
    return columns(scaled(MinMaxScaler(clip=True)), one_hot())


def _clipped_with_missing() -> ColumnTransformer:
    return columns(MinMaxScaler(clip=True), one_hot())


def _with_missing() -> ColumnTransformer:
    return columns("passthrough", ordinal(max_categories=30))


def _one_hot_with_missing() -> ColumnTransformer:
    return columns("passthrough", one_hot())


def _by_category() -> dict[str, object]:
    return {"categorical_features": list(range(len(NUMBERS), len(NUMBERS) + len(TEXTS)))}


def logistic(**options) -> LogisticRegression:
    return LogisticRegression(**{"C": 0.1, "max_iter": 100, **options})


def _margin(**options) -> LinearSVC:
    return LinearSVC(C=0.01, **options)


def _forest(**options) -> RandomForestClassifier:
    return RandomForestClassifier(**SMALL, max_depth=6, **options)


def _calibrated(estimator: BaseEstimator, method: str, **options) -> CalibratedClassifierCV:
    return CalibratedClassifierCV(estimator, method=method, cv=3, **options)


def _frozen(kind: str) -> FrozenEstimator:
    """Return an estimator that has learned, of which a pipeline's fit then changes nothing."""
    learned, _ = flights()
    estimator = Ridge() if kind == "regression" else logistic()
    rows = usual().fit_transform(learned.frame)
    return FrozenEstimator(estimator.fit(rows, learned.targets[kind]))


def _voters(*, regression: bool) -> list[tuple[str, BaseEstimator]]:
    if regression:
        return [("line", Ridge()), ("trees", RandomForestRegressor(**SMALL, max_depth=6))]
    return [("line", logistic()), ("trees", _forest())]


LINEAR_CLASSIFIERS: dict[str, Steps] = {
    "LogisticRegression": (usual, logistic),
    "LogisticRegression class_weight": (usual, lambda: logistic(class_weight="balanced")),
    "LogisticRegressionCV": (
        usual,
        lambda: LogisticRegressionCV(Cs=[0.01, 0.1], l1_ratios=[0], cv=3, max_iter=300),
    ),
    "RidgeClassifier": (usual, RidgeClassifier),
    "RidgeClassifier class_weight": (usual, lambda: RidgeClassifier(class_weight="balanced")),
    "RidgeClassifierCV": (usual, RidgeClassifierCV),
    "Perceptron": (usual, Perceptron),
    **{
        f"SGDClassifier {loss}": (
            usual,
            partial(SGDClassifier, loss=loss, max_iter=20, random_state=0),
        )
        for loss in (
            *("log_loss", "modified_huber", "hinge", "squared_hinge", "perceptron"),
            *("squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"),
        )
    },
    "SGDClassifier class_weight": (
        usual,
        lambda: SGDClassifier(loss="log_loss", class_weight="balanced", random_state=0),
    ),
    "LinearSVC": (usual, _margin),
    "LinearSVC class_weight": (usual, lambda: _margin(class_weight="balanced")),
    "LinearDiscriminantAnalysis": (usual, LinearDiscriminantAnalysis),
}
TREE_CLASSIFIERS: dict[str, Steps] = {
    "DecisionTreeClassifier": (_one_hot_with_missing, lambda: DecisionTreeClassifier(**LEAVES)),
    "DecisionTreeClassifier class_weight": (
        _clipped,
        lambda: DecisionTreeClassifier(**LEAVES, class_weight="balanced"),
    ),
    "ExtraTreeClassifier": (_clipped, lambda: ExtraTreeClassifier(**LEAVES)),
    "RandomForestClassifier": (_one_hot_with_missing, lambda: RandomForestClassifier(**SMALL)),
    "RandomForestClassifier class_weight": (
        _clipped,
        lambda: _forest(class_weight="balanced_subsample"),
    ),
    "ExtraTreesClassifier": (
        _clipped_with_missing,
        lambda: ExtraTreesClassifier(**SMALL, max_depth=12),
    ),
    "GradientBoostingClassifier": (usual, lambda: GradientBoostingClassifier(**SMALL)),
    "GradientBoostingClassifier init zero": (
        _clipped,
        lambda: GradientBoostingClassifier(**SMALL, init="zero"),
    ),
    "HistGradientBoostingClassifier": (
        _one_hot_with_missing,
        lambda: HistGradientBoostingClassifier(**FEW),
    ),
    "HistGradientBoostingClassifier with categories": (
        _with_missing,
        lambda: HistGradientBoostingClassifier(**FEW, **_by_category()),
    ),
    "HistGradientBoostingClassifier class_weight": (
        _with_missing,
        lambda: HistGradientBoostingClassifier(**FEW, class_weight="balanced"),
    ),
    "AdaBoostClassifier": (_clipped, lambda: AdaBoostClassifier(**SMALL)),
}
OTHER_CLASSIFIERS: dict[str, Steps] = {
    **{
        f"CalibratedClassifierCV {method} of LinearSVC{more}": (
            usual,
            lambda method=method, ensemble=ensemble: _calibrated(
                _margin(), method, ensemble=ensemble
            ),
        )
        for more, ensemble in (("", True), (", ensemble=False", False))
        for method in ("sigmoid", "isotonic", "temperature")
    },
    "CalibratedClassifierCV isotonic of RandomForestClassifier": (
        _clipped,
        lambda: _calibrated(_forest(), "isotonic"),
    ),
    "CalibratedClassifierCV temperature of RandomForestClassifier": (
        _clipped,
        lambda: _calibrated(_forest(), "temperature"),
    ),
    "CalibratedClassifierCV sigmoid of HistGradientBoostingClassifier": (
        _with_missing,
        lambda: _calibrated(HistGradientBoostingClassifier(**FEW), "sigmoid"),
    ),
    "VotingClassifier soft": (
        _clipped,
        lambda: VotingClassifier(_voters(regression=False), voting="soft", weights=[2, 1]),
    ),
    "GaussianNB": (usual, GaussianNB),
    "BernoulliNB": (usual, BernoulliNB),
    "ComplementNB": (_clipped, ComplementNB),
    "MultinomialNB": (_clipped, MultinomialNB),
    "MLPClassifier": (usual, lambda: MLPClassifier((8, 4), max_iter=5, random_state=0)),
    "DummyClassifier prior": (usual, DummyClassifier),
    "DummyClassifier most_frequent": (usual, lambda: DummyClassifier(strategy="most_frequent")),
}
CLASSIFIERS = {**LINEAR_CLASSIFIERS, **TREE_CLASSIFIERS, **OTHER_CLASSIFIERS}

LINEAR_REGRESSORS: dict[str, Steps] = {
    "LinearRegression": (usual, LinearRegression),
    "Ridge": (usual, Ridge),
    "RidgeCV": (usual, RidgeCV),
    "Lasso": (usual, lambda: Lasso(alpha=0.05)),
    "LassoCV": (usual, lambda: LassoCV(cv=3)),
    "ElasticNet": (usual, lambda: ElasticNet(alpha=0.05)),
    "ElasticNetCV": (usual, lambda: ElasticNetCV(cv=3)),
    "Lars": (usual, Lars),
    "LarsCV": (usual, lambda: LarsCV(cv=3)),
    "LassoLars": (usual, lambda: LassoLars(alpha=0.05)),
    "LassoLarsCV": (usual, lambda: LassoLarsCV(cv=3)),
    "LassoLarsIC": (usual, LassoLarsIC),
    "OrthogonalMatchingPursuit": (usual, OrthogonalMatchingPursuit),
    "OrthogonalMatchingPursuitCV": (usual, lambda: OrthogonalMatchingPursuitCV(cv=3)),
    "BayesianRidge": (usual, BayesianRidge),
    "ARDRegression": (usual, ARDRegression),
    **{
        f"SGDRegressor {loss}": (
            usual,
            partial(SGDRegressor, loss=loss, random_state=0, alpha=0.01),
        )
        for loss in (
            *("squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"),
        )
    },
    "PoissonRegressor": (usual, lambda: PoissonRegressor(max_iter=300)),
    "GammaRegressor": (_clipped, lambda: GammaRegressor(max_iter=300)),
    "TweedieRegressor": (_clipped, lambda: TweedieRegressor(power=1.5, max_iter=300)),
    "TweedieRegressor identity": (usual, lambda: TweedieRegressor(power=0, max_iter=300)),
    "HuberRegressor": (usual, lambda: HuberRegressor(max_iter=300)),
    "QuantileRegressor": (usual, lambda: QuantileRegressor(alpha=0.01, solver="highs-ipm")),
    "TheilSenRegressor": (usual, lambda: TheilSenRegressor(max_subpopulation=50, random_state=0)),
    "LinearSVR": (usual, lambda: LinearSVR(C=0.01)),
    "PLSRegression": (usual, PLSRegression),
}
TREE_REGRESSORS: dict[str, Steps] = {
    "DecisionTreeRegressor": (_one_hot_with_missing, lambda: DecisionTreeRegressor(**LEAVES)),
    "ExtraTreeRegressor": (_clipped, lambda: ExtraTreeRegressor(**LEAVES)),
    "RandomForestRegressor": (_one_hot_with_missing, lambda: RandomForestRegressor(**SMALL)),
    "ExtraTreesRegressor": (
        _clipped_with_missing,
        lambda: ExtraTreesRegressor(**SMALL, max_depth=12),
    ),
    **{
        f"GradientBoostingRegressor {loss}": (
            _clipped,
            partial(GradientBoostingRegressor, **SMALL, loss=loss),
        )
        for loss in ("squared_error", "absolute_error", "huber", "quantile")
    },
    "GradientBoostingRegressor init zero": (
        usual,
        lambda: GradientBoostingRegressor(**SMALL, init="zero"),
    ),
    **{
        f"HistGradientBoostingRegressor {loss}": (
            _with_missing,
            lambda loss=loss: HistGradientBoostingRegressor(
                **FEW, **_by_category(), loss=loss, quantile=0.8 if loss == "quantile" else None
            ),
        )
        for loss in ("squared_error", "absolute_error", "gamma", "poisson", "quantile")
    },
    "AdaBoostRegressor": (_clipped, lambda: AdaBoostRegressor(**SMALL)),
}
OTHER_REGRESSORS: dict[str, Steps] = {
    "VotingRegressor": (usual, lambda: VotingRegressor(_voters(regression=True))),
    "MLPRegressor": (
        usual,
        lambda: MLPRegressor(hidden_layer_sizes=(8, 4), max_iter=5, random_state=0),
    ),
    "DummyRegressor mean": (usual, DummyRegressor),
    "DummyRegressor quantile": (
        usual,
        lambda: DummyRegressor(strategy="quantile", quantile=0.9),
    ),
}
REGRESSORS = {**LINEAR_REGRESSORS, **TREE_REGRESSORS, **OTHER_REGRESSORS}

BY_KIND: dict[tuple[str, str], Steps] = {
    ("GradientBoostingClassifier exponential", "binary"): (
        _clipped,
        lambda: GradientBoostingClassifier(**SMALL, loss="exponential"),
    ),
    **{
        ("FrozenEstimator", kind): (usual, partial(_frozen, kind))
        for kind in ("binary", "multiclass", "regression")
    },
}
NOT_COMPILED: dict[tuple[str, str], Steps] = {
    ("KNeighborsClassifier", "multiclass"): (
        usual,
        lambda: KNeighborsClassifier(algorithm="brute"),
    ),
    ("SVC", "multiclass"): (usual, lambda: SVC(max_iter=50)),
    ("DummyClassifier stratified", "binary"): (
        usual,
        lambda: DummyClassifier(strategy="stratified", random_state=0),
    ),
    ("GradientBoostingClassifier init", "binary"): (
        _clipped,
        lambda: GradientBoostingClassifier(**SMALL, init=logistic()),
    ),
    ("VotingClassifier hard", "multiclass"): (
        _clipped,
        lambda: VotingClassifier(_voters(regression=False)),
    ),
    ("KNeighborsRegressor", "regression"): (
        usual,
        lambda: KNeighborsRegressor(algorithm="brute"),
    ),
}
