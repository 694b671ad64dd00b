"""Compiles a fitted transformer, with all nested ones, into an encoder."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from perennial.artifacts.encoding import EncoderFormat
from perennial.artifacts.model_schema import ModelSchema
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.assembly import assembled
from perennial.jobs.compile.bins import bins_discretizer
from perennial.jobs.compile.composition import (
    column_transformer,
    feature_union,
    function_transformer,
    pipeline,
)
from perennial.jobs.compile.context import Context
from perennial.jobs.compile.encoders import (
    one_hot_encoder,
    ordinal_encoder,
    target_encoder,
)
from perennial.jobs.compile.features import Columns, Feature, Number, Table, TextCodes
from perennial.jobs.compile.imputers import missing_indicator, simple_imputer
from perennial.jobs.compile.scalers import (
    max_abs_scaler,
    min_max_scaler,
    robust_scaler,
    standard_scaler,
)

# by exact type: a subclass may compute something else
_COVERED: Final[Mapping[type, Callable[[Any, Columns, Context], Columns]]] = {
    ColumnTransformer: column_transformer,
    FeatureUnion: feature_union,
    FunctionTransformer: function_transformer,
    KBinsDiscretizer: bins_discretizer,
    MaxAbsScaler: max_abs_scaler,
    MinMaxScaler: min_max_scaler,
    MissingIndicator: missing_indicator,
    OneHotEncoder: one_hot_encoder,
    OrdinalEncoder: ordinal_encoder,
    Pipeline: pipeline,
    RobustScaler: robust_scaler,
    SimpleImputer: simple_imputer,
    StandardScaler: standard_scaler,
    TargetEncoder: target_encoder,
}


def compile_preprocessing(transformer: object, schema: ModelSchema) -> EncoderFormat:
    """Return the encoder whose dense rows equal those of the transformer."""
    words: list[list[str]] = [[] for _ in schema.texts]
    while True:
        context = Context(transform=_transform, words={})
        columns = _transform(transformer, _inputs(schema, words), context)
        known = _further_words(schema, context)
        if known == words:
            return assembled(columns, context.rejected, words)
        # a value that a transformer knows but no training row has needs a code of its own
        words = known


def _transform(transformer: object, columns: Columns, context: Context) -> Columns:
    if transformer is None or transformer == "passthrough":
        return columns
    covered = _COVERED.get(type(transformer))
    if covered is None:
        raise NotCompilableError(
            f"{type(transformer).__name__} is none of the transformers covered"
        )
    return covered(transformer, columns, context)


def _inputs(schema: ModelSchema, words: Sequence[Sequence[str]]) -> Columns:
    """Return the inputs as symbolic columns, in the order of the fit."""
    numbers = {column.name: Number(at) for at, column in enumerate(schema.numbers)}
    texts = {
        column.name: Table(TextCodes(at), _text_values(column.categories or (), words[at]))
        for at, column in enumerate(schema.texts)
    }
    by_name: dict[str, Feature] = {**numbers, **texts}
    return Columns(tuple(by_name[column.name] for column in schema.inputs))


def _text_values(categories: Sequence[str], words: Sequence[str]) -> Any:  # noqa: ANN401 - an array of objects
    """Return a value for each code; a text longer than all others stands for the unseen."""
    unseen = "?" * (1 + max(map(len, [*categories, *words]), default=0))
    return np.array([*categories, unseen, np.nan, *words], np.object_)


def _further_words(schema: ModelSchema, context: Context) -> list[list[str]]:
    return [
        sorted(context.words.get(at, set()).difference(column.categories or ()))
        for at, column in enumerate(schema.texts)
    ]
