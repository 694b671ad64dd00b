"""Numbers for which one more ulp may change the prediction of a fitted pipeline."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from perennial.artifacts.model_schema import ModelSchema
from perennial.jobs.parity.boundaries import Encode, boundaries
from perennial.jobs.parity.cells import Cells, Floats
from perennial.jobs.parity.thresholds import thresholds_of
from perennial.jobs.progress import log_progress
from perennial_serving.model.columns import Columns
from perennial_serving.model.pipeline import frame_of_batch

_BASES: Final = 20
"""Rows tried as the base row, whose numbers are varied one at a time."""

Preprocessing = Any  # a fitted transformer: scikit-learn has no types


def values_near_thresholds(
    pipeline: Pipeline, schema: ModelSchema, held_out: Cells, most: int
) -> list[Floats]:
    """Return, for each numeric input, its values on both sides of thresholds, at most so many.

    An input is left out, and the log names it, if the pipeline rejects values between those of
    the held-out rows.
    """
    base = _base_row(pipeline[0], schema, held_out)
    found = boundaries(
        encoder_of_numbers(pipeline[0], schema, base),
        base.numbers[0],
        held_out.numbers,
        thresholds_of(pipeline[-1]),
        most,
    )
    rejected = [
        column.name for column, values in zip(schema.numbers, found, strict=True) if values is None
    ]
    if rejected:
        reason = "the pipeline refuses values between those that occurred"
        log_progress(f"thresholds are not compared for {', '.join(rejected)}: {reason}")
    return [np.empty(0) if values is None else values for values in found]


def encoder_of_numbers(preprocessing: Preprocessing, schema: ModelSchema, base: Cells) -> Encode:
    """Return the function from numbers to features of rows that have the texts of a base row.

    A bisection encodes 500 rows more than 100 times, and encoding their texts again would take
    nine tenths of the time.
    """
    names = [column.name for column in schema.numbers]
    parts = _numeric_parts(preprocessing, names)
    if parts is None:
        return lambda numbers: _encoded(preprocessing, schema, _with_texts_of(base, numbers))

    @cache
    def base_features() -> Floats:
        return _encoded(preprocessing, schema, base)

    def encode(numbers: Floats) -> Floats:
        features = np.repeat(base_features(), len(numbers), axis=0)
        frame = pd.DataFrame(numbers, columns=names)
        for transform, columns, output in parts:
            features[:, output] = _dense(transform(frame[columns]))
        return features

    return encode


_Part = tuple[Callable[[pd.DataFrame], Any], list[str], slice]
"""A fitted transformer, the columns it takes, and the columns of its features."""


def _numeric_parts(preprocessing: Preprocessing, names: list[str]) -> list[_Part] | None:
    """Return the parts of a ColumnTransformer that take numbers; None if they take texts too."""
    if type(preprocessing) is not ColumnTransformer or preprocessing.transformer_weights:
        return None
    output: Mapping[str, slice] = preprocessing.output_indices_
    parts: list[_Part] = []
    for name, transformer, columns in preprocessing.transformers_:
        if not hasattr(transformer, "transform") or not _are_names(columns):
            return None
        numeric = [column in names for column in columns]
        if any(numeric) and not all(numeric):
            return None
        if any(numeric):
            parts.append((transformer.transform, columns, output[name]))
    return parts


def _are_names(columns: object) -> bool:
    return isinstance(columns, list) and all(isinstance(column, str) for column in columns)


def _base_row(preprocessing: Preprocessing, schema: ModelSchema, held_out: Cells) -> Cells:
    """Return the most complete row that the pipeline accepts, or else the most complete one."""
    missing = np.isnan(held_out.numbers).sum(axis=1) + pd.isna(held_out.texts).sum(axis=1)
    rows = [held_out.take(at) for at in np.argsort(missing, kind="stable")[:_BASES, None]]
    return next((row for row in rows if _is_accepted(preprocessing, schema, row)), rows[0])


def _is_accepted(preprocessing: Preprocessing, schema: ModelSchema, rows: Cells) -> bool:
    try:
        _encoded(preprocessing, schema, rows)
    except ValueError:
        return False
    return True


def _encoded(preprocessing: Preprocessing, schema: ModelSchema, rows: Cells) -> Floats:
    frame = frame_of_batch(schema, rows.batch(Columns(schema)))
    return _dense(preprocessing.transform(frame))


def _with_texts_of(base: Cells, numbers: Floats) -> Cells:
    return Cells(numbers, np.repeat(base.texts, len(numbers), axis=0))


def _dense(features: Any) -> Floats:  # noqa: ANN401 - a matrix of any kind, or a frame
    return np.asarray(features.toarray() if hasattr(features, "toarray") else features, np.float64)
