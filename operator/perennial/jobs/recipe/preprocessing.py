"""Transformers for each type of column, by the recipe and the needs of the estimator."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from perennial.api.column_type import ColumnType
from perennial.api.estimators import parsed_value
from perennial.api.problem import Problem
from perennial.jobs.recipe.design import NUMBERS, Design

_GAIN_BY_SCALE = (
    "sklearn.cross_decomposition",
    "sklearn.discriminant_analysis",
    "sklearn.gaussian_process",
    "sklearn.kernel_ridge",
    "sklearn.linear_model",
    "sklearn.naive_bayes",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "sklearn.svm",
)
_STRATEGIES = {"Median": "median", "Mean": "mean", "MostFrequent": "most_frequent"}
_UNKNOWN, _MISSING = -1, -2


def column_steps(design: Design, *, takes_missing: bool) -> list[tuple[str, object, list[str]]]:
    """Return the transformer of each kind of column; one-hot categories end up behind the rest."""
    steps = (
        ("numbers", _numbers(design, takes_missing=takes_missing), design.names(*NUMBERS)),
        ("booleans", _booleans(takes_missing=takes_missing), design.names(ColumnType.BOOLEAN)),
        ("categories", _categories(design), design.names(ColumnType.CATEGORY)),
    )
    return [(name, step, columns) for name, step, columns in steps if columns]


def _numbers(design: Design, *, takes_missing: bool) -> object:
    numeric = design.recipe.numeric
    impute = numeric.impute or ("Nothing" if takes_missing else "Median")
    steps: list[object] = []
    if impute != "Nothing":
        steps.append(SimpleImputer(strategy=_STRATEGIES[impute], keep_empty_features=True))
    if scaler := _scaler(design, numeric.scale or _usual_scale(design)):
        steps.append(scaler)
    return make_pipeline(*steps) if steps else "passthrough"


def _usual_scale(design: Design) -> str:
    if design.traits.needs_positive:
        return "MinMax"
    return "Standard" if design.traits.module in _GAIN_BY_SCALE else "Nothing"


def _scaler(design: Design, scale: str) -> BaseEstimator | None:
    match scale:
        case "Standard":
            return StandardScaler()
        case "Robust":
            return RobustScaler()
        case "MinMax":  # a number below training's smallest would become negative
            return MinMaxScaler(clip=design.traits.needs_positive)
        case _:
            return None


def _booleans(*, takes_missing: bool) -> object:
    if takes_missing:
        return "passthrough"
    return SimpleImputer(strategy="most_frequent", keep_empty_features=True)


def _categories(design: Design) -> BaseEstimator:
    categorical = design.recipe.categorical
    match categorical.encode:
        case "OneHot":
            return OneHotEncoder(
                handle_unknown="infrequent_if_exist",
                max_categories=categorical.max_categories,
                sparse_output=False,
            )
        case "Ordinal":
            return _ordinal(design)
        case "Target":
            return _target_encoder(design)


def _ordinal(design: Design) -> OrdinalEncoder:
    most = design.recipe.categorical.max_categories
    unknown: float = _UNKNOWN
    missing: float = _MISSING
    if design.splits_by_category:  # such an estimator holds a category in a bin, and knows NaN
        most = min(most, _bins(design))
        unknown = missing = np.nan
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=unknown,
        encoded_missing_value=missing,
        max_categories=most,
    )


def _bins(design: Design) -> int:
    text = design.recipe.parameters.get("max_bins")
    bins = design.traits.parameters["max_bins"].default if text is None else parsed_value(text)
    if not isinstance(bins, int):
        raise TypeError(f"max_bins is {bins!r}")  # mistakes() has checked it
    return bins


def _target_encoder(design: Design) -> TargetEncoder:
    """Encode each row by the targets of the other folds, so that its own target cannot leak."""
    if design.schema.problem is Problem.REGRESSION:
        folds = KFold(5, shuffle=True, random_state=design.seed)
        return TargetEncoder(target_type="continuous", cv=folds)
    kind = "multiclass" if design.schema.positive_class is None else "binary"
    stratified = StratifiedKFold(5, shuffle=True, random_state=design.seed)
    return TargetEncoder(target_type=kind, cv=stratified)
