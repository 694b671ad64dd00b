"""Builds the unfitted scikit-learn pipeline of a design."""

import importlib
from collections.abc import Sequence

from pydantic.types import JsonValue
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from perennial.api.column_type import ColumnType
from perennial.api.estimators import parsed_value
from perennial.api.parameter_forms import listed
from perennial.api.reasons import JobReason
from perennial.artifacts.model_schema import Label, label_text
from perennial.jobs.recipe.design import NUMBERS, Design
from perennial.jobs.recipe.preprocessing import column_steps
from perennial.jobs.report import JobFailure


def build(design: Design) -> Pipeline:
    """Return the pipeline of a design."""
    estimator = _estimator(design)
    takes_missing = bool(get_tags(estimator).input_tags.allow_nan)
    if not takes_missing:
        _check_missing_numbers(design)
    columns = ColumnTransformer(
        column_steps(design, takes_missing=takes_missing), sparse_threshold=0
    )
    return Pipeline([("columns", columns), ("estimator", estimator)])


def _check_missing_numbers(design: Design) -> None:
    """Raise if a number may be missing and neither imputer nor estimator handles it."""
    nullable = [
        column.name for column in design.schema.inputs if column.nullable and column.type in NUMBERS
    ]
    if design.recipe.numeric.impute == "Nothing" and nullable:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            f"spec.training.recipe.numeric.impute: {design.name} takes no missing numbers, and "
            f"{listed(nullable)} may be missing; remove impute: Nothing, or declare nullable: "
            "false in the Dataset",
            in_spec=True,
        )


def _estimator(design: Design) -> BaseEstimator:
    kind = getattr(importlib.import_module(design.traits.module), design.name)
    given = design.recipe.parameters.items()
    estimator = kind(**{key: _parameter_value(design, key, text) for key, text in given})
    if "random_state" in design.traits.parameters:
        estimator.set_params(random_state=design.seed)
    if design.splits_by_category:
        estimator.set_params(categorical_features=_category_positions(design))
    return estimator


def _parameter_value(design: Design, key: str, text: str) -> object:
    """Return the value of a parameter; the keys of class weights become labels."""
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


def _category_positions(design: Design) -> list[int]:
    """Return the positions of categories after preprocessing: behind all other columns."""
    first = len(design.names(*NUMBERS, ColumnType.BOOLEAN))
    return list(range(first, first + len(design.names(ColumnType.CATEGORY))))
