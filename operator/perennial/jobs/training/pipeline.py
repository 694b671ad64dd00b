"""A recipe and the columns of a snapshot, made into a scikit-learn pipeline."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic.types import JsonValue
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from perennial.api.dataset import ColumnType
from perennial.api.estimators import Estimator, default_estimator, parsed_value, table
from perennial.api.model import Problem, Recipe
from perennial.api.parameter_forms import listed
from perennial.api.reasons import JobReason
from perennial.artifacts.schema import Input, Label, label_text
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
class Plan:
    """What a pipeline is made of."""

    recipe: Recipe
    problem: Problem
    inputs: Sequence[Input]
    classes: Sequence[Label] | None
    seed: int

    @property
    def name(self) -> str:
        """Class name of the estimator."""
        return self.recipe.estimator or default_estimator(self.problem)

    @property
    def traits(self) -> Estimator:
        """What is known of the estimator."""
        return table()[self.name]

    def names(self, *types: ColumnType) -> list[str]:
        """Return the columns of these types."""
        return [column.name for column in self.inputs if column.type in types]


def build(plan: Plan) -> Pipeline:
    """Return the pipeline, not fitted yet."""
    columns = ColumnTransformer(_column_steps(plan), sparse_threshold=0)
    return Pipeline([("columns", columns), ("estimator", _estimator(plan))])


def parameter_value(plan: Plan, key: str, text: str) -> object:
    """Return what the text of a parameter stands for; class weights are named by their label."""
    value = parsed_value(text)
    if key == "class_weight" and isinstance(value, dict):
        return _weights_by_label(value, plan.classes or ())
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


def _estimator(plan: Plan) -> BaseEstimator:
    kind = getattr(importlib.import_module(plan.traits.module), plan.name)
    given = plan.recipe.parameters.items()
    estimator = kind(**{key: parameter_value(plan, key, text) for key, text in given})
    if "random_state" in plan.traits.parameters:
        estimator.set_params(random_state=plan.seed)
    if _learns_categories(plan):
        estimator.set_params(categorical_features=_category_positions(plan))
    return estimator


def _learns_categories(plan: Plan) -> bool:
    """Whether the estimator splits by categories itself, given their positions."""
    return (
        "categorical_features" in plan.traits.parameters
        and plan.recipe.categorical.encode == "Ordinal"
        and bool(plan.names(ColumnType.CATEGORY))
    )


def _category_positions(plan: Plan) -> list[int]:
    first = len(plan.names(*_NUMBERS, ColumnType.BOOLEAN))
    return list(range(first, first + len(plan.names(ColumnType.CATEGORY))))


def _column_steps(plan: Plan) -> list[tuple[str, object, list[str]]]:
    """Categories come last: their number of columns is known only when fitted."""
    steps = (
        ("numbers", _numbers(plan), plan.names(*_NUMBERS)),
        ("booleans", _booleans(plan), plan.names(ColumnType.BOOLEAN)),
        ("categories", _categories(plan), plan.names(ColumnType.CATEGORY)),
    )
    return [(name, step, columns) for name, step, columns in steps if columns]


def _numbers(plan: Plan) -> object:
    numeric = plan.recipe.numeric
    impute = numeric.impute or ("Nothing" if plan.traits.takes_missing else "Median")
    steps: list[object] = []
    if impute != "Nothing":
        steps.append(SimpleImputer(strategy=_STRATEGIES[impute], keep_empty_features=True))
    if scaler := _scaler(plan, numeric.scale or _usual_scale(plan)):
        steps.append(scaler)
    return make_pipeline(*steps) if steps else "passthrough"


def _usual_scale(plan: Plan) -> str:
    if plan.traits.needs_positive:
        return "MinMax"
    gains = plan.traits.module in _GAIN_BY_SCALE or plan.name == "BernoulliNB"
    return "Standard" if gains else "Nothing"


def _scaler(plan: Plan, scale: str) -> BaseEstimator | None:
    match scale:
        case "Standard":
            return StandardScaler()
        case "Robust":
            return RobustScaler()
        case "MinMax":  # a number below training's smallest would become negative
            return MinMaxScaler(clip=plan.traits.needs_positive)
        case _:
            return None


def _booleans(plan: Plan) -> object:
    if plan.traits.takes_missing:
        return "passthrough"
    return SimpleImputer(strategy="most_frequent", keep_empty_features=True)


def _categories(plan: Plan) -> BaseEstimator:
    categorical = plan.recipe.categorical
    match categorical.encode:
        case "OneHot":
            return OneHotEncoder(
                handle_unknown="infrequent_if_exist",
                max_categories=categorical.max_categories,
                sparse_output=False,
            )
        case "Ordinal":
            return _ordinal(plan)
        case "Target":
            return TargetEncoder(target_type=_target_type(plan), random_state=plan.seed)


def _ordinal(plan: Plan) -> OrdinalEncoder:
    most = plan.recipe.categorical.max_categories
    unknown, missing = float(_UNKNOWN), float(_MISSING)
    if _learns_categories(plan):  # such an estimator holds a category in a bin, and knows NaN
        most = min(most, _bins(plan))
        unknown = missing = np.nan
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=unknown,
        encoded_missing_value=missing,
        max_categories=most,
    )


def _bins(plan: Plan) -> int:
    text = plan.recipe.parameters.get("max_bins")
    bins = plan.traits.parameters["max_bins"].default if text is None else parsed_value(text)
    if not isinstance(bins, int):
        raise TypeError(f"max_bins is {bins!r}")  # mistakes() has checked it
    return bins


def _target_type(plan: Plan) -> str:
    if plan.problem is Problem.REGRESSION:
        return "continuous"
    return "binary" if plan.classes and len(plan.classes) == 2 else "multiclass"  # noqa: PLR2004
