"""Transformers made of transformers."""

from typing import Any

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.context import Context
from perennial.jobs.compile.features import Columns, Feature
from perennial.jobs.compile.scalers import weighted


def pipeline(steps: Pipeline, columns: Columns, context: Context) -> Columns:
    """Apply the steps one after the other."""
    for _, step in steps.steps:
        columns = context.transform(step, columns, context)
    return columns


def column_transformer(parts: ColumnTransformer, columns: Columns, context: Context) -> Columns:
    """Apply each transformer to its columns, and concatenate the results."""
    features: list[Feature] = []
    for name, transformer, selection in parts.transformers_:
        picked = columns.picked(_positions(parts, selection))
        if picked.features and transformer != "drop":
            made = context.transform(transformer, picked, context)
            features += weighted(made, _weight(parts, name), "ColumnTransformer").features
    return Columns(tuple(features), bool(parts.sparse_output_))


def feature_union(parts: FeatureUnion, columns: Columns, context: Context) -> Columns:
    """Apply each transformer to all columns, and concatenate the results."""
    made = [
        weighted(context.transform(part, columns, context), _weight(parts, name), "FeatureUnion")
        for name, part in parts.transformer_list
        if part != "drop"
    ]
    features = tuple(feature for part in made for feature in part.features)
    return Columns(features, any(part.sparse for part in made))


def function_transformer(call: FunctionTransformer, columns: Columns, _: Context) -> Columns:
    """Pass the columns through; a FunctionTransformer with a function is not compiled."""
    if call.func is not None or call.validate:
        raise NotCompilableError("FunctionTransformer with a function of its own")
    return columns


def _weight(parts: ColumnTransformer | FeatureUnion, name: str) -> float | None:
    weight: float | None = (parts.transformer_weights or {}).get(name)
    return weight


def _positions(parts: ColumnTransformer, selection: Any) -> list[int]:  # noqa: ANN401 - all that scikit-learn takes
    """Return the positions of columns selected by name, position, mask or slice."""
    names = getattr(parts, "feature_names_in_", range(parts.n_features_in_))
    columns = pd.Series(range(parts.n_features_in_), index=pd.Index(names))
    if not isinstance(selection, slice):
        selection = list(selection)
    picked = columns.loc[selection] if _by_name(selection) else columns.iloc[selection]
    return [int(at) for at in picked]


def _by_name(selection: slice | list[Any]) -> bool:
    labels = (selection.start, selection.stop) if isinstance(selection, slice) else selection
    return any(isinstance(label, str) for label in labels)
