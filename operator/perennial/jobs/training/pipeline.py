"""A recipe and the columns of a snapshot, made into a scikit-learn pipeline."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from pydantic.types import JsonValue
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.utils import get_tags

from perennial.api.dataset import ColumnType
from perennial.api.estimators import Estimator, default_estimator, parsed_value, table
from perennial.api.model import Problem, Recipe
from perennial.api.parameter_forms import listed
from perennial.api.reasons import JobReason
from perennial.artifacts.schema import Label, ModelSchema, label_text
from perennial.jobs.report import JobFailure

_NUMBERS = (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.TIMESTAMP)
_GAIN_BY_SCALE = (
    "sklearn.cross_decomposition",
    "sklearn.discriminant_analysis",
    "sklearn.gaussian_process",
    "sklearn.kernel_ridge",
    "sklearn.linear_model",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "sklearn.svm",
)
_STRATEGIES = {"Median": "median", "Mean": "mean", "MostFrequent": "most_frequent"}
_UNKNOWN, _MISSING = -1, -2


@dataclass(frozen=True, slots=True)
class Design:
    """What a pipeline is made of."""

    recipe: Recipe
    schema: ModelSchema
    seed: int

    @property
    def name(self) -> str:
        """Class name of the estimator."""
        return self.recipe.estimator or default_estimator(self.schema.problem)

    @property
    def traits(self) -> Estimator:
        """What is known of the estimator."""
        return table()[self.name]

    def with_parameters(self, parameters: Mapping[str, str]) -> Self:
        """Return the same design with some parameters set beside its own."""
        together = {**self.recipe.parameters, **parameters}
        return replace(self, recipe=self.recipe.model_copy(update={"parameters": together}))

    def names(self, *types: ColumnType) -> list[str]:
        """Return the columns of these types."""
        return [column.name for column in self.schema.inputs if column.type in types]


def build(design: Design) -> Pipeline:
    """Return the pipeline, not fitted yet."""
    estimator = _estimator(design)
    takes_missing = bool(get_tags(estimator).input_tags.allow_nan)
    if not takes_missing:
        _refuse_missing_numbers(design)
    columns = ColumnTransformer(
        _column_steps(design, takes_missing=takes_missing), sparse_threshold=0
    )
    return Pipeline([("columns", columns), ("estimator", estimator)])


def _refuse_missing_numbers(design: Design) -> None:
    """Raise where a number may be missing that nothing replaces: in training, or when served."""
    nullable = [
        column.name
        for column in design.schema.inputs
        if column.nullable and column.type in _NUMBERS
    ]
    if design.recipe.numeric.impute == "Nothing" and nullable:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            f"spec.training.recipe.numeric.impute: {design.name} takes no missing numbers, and "
            f"{listed(nullable)} may be missing; remove impute: Nothing, or declare nullable: "
            "false in the Dataset",
            in_spec=True,
        )


def parameter_value(design: Design, key: str, text: str) -> object:
    """Return what the text of a parameter stands for; class weights are named by their label."""
    value = parsed_value(text)
    if key == "class_weight" and isinstance(value, dict):
        return _weights_by_label(value, design.schema.classes or ())
    return value


def _weights_by_label(
    weights: dict[str, JsonValue], classes: Sequence[Label]
) -> dict[Label, JsonValue]:
    labels = {label_text(label): label for label in classes}
    for name in weights:
        if name not in labels:
            raise JobFailure(
                JobReason.INVALID_SPEC,
                f"spec.training.recipe.parameters.class_weight: the target has no class {name}; "
                f"it has {listed(labels)}",
                in_spec=True,
            )
    return {labels[name]: weight for name, weight in weights.items()}


def _estimator(design: Design) -> BaseEstimator:
    kind = getattr(importlib.import_module(design.traits.module), design.name)
    given = design.recipe.parameters.items()
    estimator = kind(**{key: parameter_value(design, key, text) for key, text in given})
    if "random_state" in design.traits.parameters:
        estimator.set_params(random_state=design.seed)
    if _learns_categories(design):
        estimator.set_params(categorical_features=_category_positions(design))
    return estimator


def _learns_categories(design: Design) -> bool:
    """Whether the estimator splits by categories itself, given their positions."""
    return (
        "categorical_features" in design.traits.parameters
        and design.recipe.categorical.encode == "Ordinal"
        and bool(design.names(ColumnType.CATEGORY))
    )


def _category_positions(design: Design) -> list[int]:
    first = len(design.names(*_NUMBERS, ColumnType.BOOLEAN))
    return list(range(first, first + len(design.names(ColumnType.CATEGORY))))


def _column_steps(design: Design, *, takes_missing: bool) -> list[tuple[str, object, list[str]]]:
    """Categories come last: their number of columns is known only when fitted."""
    steps = (
        ("numbers", _numbers(design, takes_missing=takes_missing), design.names(*_NUMBERS)),
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
    gains = design.traits.module in _GAIN_BY_SCALE or design.name == "BernoulliNB"
    return "Standard" if gains else "Nothing"


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
    if _learns_categories(design):  # such an estimator holds a category in a bin, and knows NaN
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
    """Encode a row by the other folds' targets, else a category would tell its own row's."""
    if design.schema.problem is Problem.REGRESSION:
        folds = KFold(5, shuffle=True, random_state=design.seed)
        return TargetEncoder(target_type="continuous", cv=folds)
    kind = "multiclass" if design.schema.positive_class is None else "binary"
    stratified = StratifiedKFold(5, shuffle=True, random_state=design.seed)
    return TargetEncoder(target_type=kind, cv=stratified)
