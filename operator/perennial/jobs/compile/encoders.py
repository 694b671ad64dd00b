"""Encoders of categories, compiled by applying them to every value that they distinguish."""

import warnings
from collections.abc import Sequence
from itertools import count, filterfalse
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from perennial.artifacts.encoding import Values
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.context import Context
from perennial.jobs.compile.features import (
    Columns,
    Feature,
    Number,
    NumberCodes,
    Table,
    as_numbers,
    missing_among,
)

Categories = NDArray[np.generic]

_MOST_CELLS: Final = 10_000_000
"""Values in the tables of one encoder: 80 MB."""
_CELLS_AT_ONCE: Final = 1_000_000
"""Values of the rows that are transformed at once; each row spans all tables."""


def one_hot_encoder(encoder: OneHotEncoder, columns: Columns, context: Context) -> Columns:
    """Encode each category as a column."""
    _check_precision(encoder)
    tables = _tables(encoder, columns, context)
    if encoder.handle_unknown == "error":
        tables = _known_only(encoder, tables, context)
    return Columns(outcomes_of(encoder, tables, _one_hot_widths(encoder)), encoder.sparse_output)


def ordinal_encoder(encoder: OrdinalEncoder, columns: Columns, context: Context) -> Columns:
    """Encode each category as a number."""
    _check_precision(encoder)
    tables = _tables(encoder, columns, context)
    if encoder.handle_unknown == "error":
        tables = _known_only(encoder, tables, context)
    return Columns(outcomes_of(encoder, tables, [1] * len(tables)))


def target_encoder(encoder: TargetEncoder, columns: Columns, context: Context) -> Columns:
    """Encode each category as the mean of its targets, or of each class."""
    tables = _tables(encoder, columns, context)
    width = len(encoder.classes_) if encoder.target_type_ == "multiclass" else 1
    return Columns(outcomes_of(encoder, tables, [width] * len(tables)))


def outcomes_of(
    transformer: Any,  # noqa: ANN401 - any transformer
    tables: Sequence[Table],
    widths: Sequence[int],
) -> tuple[Table, ...]:
    """Return the output of a transformer for every value of each column."""
    shapes = [(len(table.outcomes), width) for table, width in zip(tables, widths, strict=True)]
    if sum(rows * width for rows, width in shapes) > _MOST_CELLS:
        raise NotCompilableError(f"{type(transformer).__name__} tells too many categories apart")
    answers = [np.empty(shape) for shape in shapes]
    longest, at_once = max(rows for rows, _ in shapes), 1 + _CELLS_AT_ONCE // max(1, sum(widths))
    for start in range(0, longest, at_once):
        rows = np.arange(start, min(start + at_once, longest))
        for answer, part in zip(answers, _parts(transformer, tables, widths, rows), strict=True):
            unanswered = answer[start : start + at_once]
            unanswered[:] = part[: len(unanswered)]
    return tuple(
        Table(table.codes, column)
        for table, answer in zip(tables, answers, strict=True)
        for column in answer.T
    )


def _parts(
    transformer: Any,  # noqa: ANN401 - any transformer
    tables: Sequence[Table],
    widths: Sequence[int],
    rows: NDArray[np.intp],
) -> list[Values]:
    """Return the output for a range of rows; a short table repeats from its start."""
    columns = [np.take(table.outcomes, rows, mode="wrap") for table in tables]
    answers = _transformed(transformer, columns)
    if answers.shape[1] != sum(widths):
        raise NotCompilableError(f"{type(transformer).__name__} makes columns of its own")
    return np.split(answers, np.cumsum(widths)[:-1], axis=1)


def _transformed(transformer: Any, columns: Sequence[NDArray[np.generic]]) -> Values:  # noqa: ANN401 - any transformer
    # it warns of every unknown category, and the values are chosen to contain some
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = transformer.transform(_matrix(transformer, columns))
    dense = answers.toarray() if hasattr(answers, "toarray") else answers
    return np.asarray(dense, np.float64)


def _matrix(
    transformer: Any,  # noqa: ANN401 - any transformer
    columns: Sequence[NDArray[np.generic]],
) -> pd.DataFrame | NDArray[np.generic]:
    """Return the input in the form used for the fit: a frame with these names, or an array."""
    if hasattr(transformer, "feature_names_in_"):
        frame = pd.DataFrame(
            {at: pd.Series(column, dtype=column.dtype) for at, column in enumerate(columns)}
        )
        return frame.set_axis(transformer.feature_names_in_, axis=1)
    return np.stack(columns, axis=1)


def _check_precision(encoder: OneHotEncoder | OrdinalEncoder) -> None:
    """Raise if the output is float32, because later steps would then compute in float32."""
    dtype = np.dtype(encoder.dtype)
    if dtype.kind == "f" and dtype != np.float64:
        raise NotCompilableError(f"{type(encoder).__name__} with dtype={dtype}")


def _one_hot_widths(encoder: OneHotEncoder) -> list[int]:
    widths = [len(categories) for categories in encoder.categories_]
    for at, infrequent in enumerate(getattr(encoder, "infrequent_categories_", ())):
        widths[at] -= 0 if infrequent is None else len(infrequent) - 1
    for at, dropped in enumerate(() if encoder.drop_idx_ is None else encoder.drop_idx_):
        widths[at] -= dropped is not None
    return widths


def _tables(encoder: Any, columns: Columns, context: Context) -> list[Table]:  # noqa: ANN401 - any of the three
    taker = type(encoder).__name__
    return [
        _table(feature, categories, context, taker)
        for feature, categories in zip(columns.features, encoder.categories_, strict=True)
    ]


def _table(feature: Feature, categories: Categories, context: Context, taker: str) -> Table:
    """Return the feature as a table with the type of the encoder's categories."""
    if isinstance(feature, Number):
        feature = _told_apart(feature, categories, taker)
    context.know(feature.codes, [value for value in categories if isinstance(value, str)])
    if categories.dtype == np.object_:
        return Table(feature.codes, feature.outcomes.astype(np.object_))
    return Table(feature.codes, as_numbers(feature.outcomes, taker))


def _told_apart(number: Number, categories: Categories, taker: str) -> Table:
    """Return each category, a number that is no category, and NaN."""
    known = np.unique(as_numbers(categories[~missing_among(categories)], taker)).tolist()
    unseen = next(filterfalse(set(known).__contains__, count(0.0)))
    codes = NumberCodes(number, tuple(known), exact=True)
    return Table(codes, np.array([*known, unseen, np.nan]))


def _known_only(encoder: Any, tables: Sequence[Table], context: Context) -> list[Table]:  # noqa: ANN401 - either of two
    """Reject values for which the encoder raises an error, and encode a known value instead."""
    message = f"{type(encoder).__name__} takes only the categories that it was fitted with"
    known = []
    for table, categories in zip(tables, encoder.categories_, strict=True):
        rejected = _unknown(table.outcomes, categories)
        context.reject(table.codes, np.flatnonzero(rejected), message)
        values = table.outcomes.copy()
        values[rejected] = categories[0]
        known.append(Table(table.codes, values))
    return known


def _unknown(values: NDArray[np.generic], categories: Categories) -> NDArray[np.bool_]:
    missing = missing_among(categories)
    known = set(categories[~missing].tolist())
    found = np.array([value in known for value in values.tolist()], np.bool_)
    return ~np.where(missing_among(values), missing.any(), found)
