"""Imputers, and indicators of missing values."""

import math
from numbers import Real

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer

from perennial.artifacts.encoding import Operation
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.context import Context
from perennial.jobs.compile.features import (
    Columns,
    Feature,
    Number,
    NumberCodes,
    Table,
    calculated,
    missing_among,
)


def simple_imputer(imputer: SimpleImputer, columns: Columns, context: Context) -> Columns:
    """Fill each column; drop a column without any training value, unless it is kept."""
    _check_missing_is_nan(imputer)
    _require_finite_numbers(columns, context, "SimpleImputer")
    filled = [
        _filled(feature, fill)
        for feature, fill in zip(columns.features, imputer.statistics_, strict=True)
        if imputer.keep_empty_features or fill == fill  # noqa: PLR0124 - not NaN, of any type
    ]
    if imputer.add_indicator:
        filled += [_is_missing(columns.features[at]) for at in imputer.indicator_.features_]
    return Columns(tuple(filled), columns.sparse)


def missing_indicator(indicator: MissingIndicator, columns: Columns, context: Context) -> Columns:
    """Return an indicator for each column that had missing values in training."""
    _check_missing_is_nan(indicator)
    _require_finite_numbers(columns, context, "MissingIndicator")
    tables = [_is_missing(feature) for feature in columns.features]
    indicated = [int(at) for at in indicator.features_]
    if indicator.error_on_new and indicator.features == "missing-only":
        for at in sorted({*range(len(tables))}.difference(indicated)):
            rejected = np.flatnonzero(tables[at].outcomes)
            context.reject(tables[at].codes, rejected, "a value is missing, and none was before")
    sparse = columns.sparse if indicator.sparse == "auto" else bool(indicator.sparse)
    return Columns(tuple(tables[at] for at in indicated), sparse)


def _check_missing_is_nan(transformer: SimpleImputer | MissingIndicator) -> None:
    missing = transformer.missing_values
    if not (isinstance(missing, float) and math.isnan(missing)):
        raise NotCompilableError(
            f"{type(transformer).__name__} with missing_values={missing!r} instead of NaN"
        )


def _require_finite_numbers(columns: Columns, context: Context, taker: str) -> None:
    numeric = [
        feature
        for feature in columns.features
        if isinstance(feature, Number) or feature.outcomes.dtype == np.float64
    ]
    context.require_finite(Columns(tuple(numeric)), taker, missing=True)


def _filled(feature: Feature, fill: object) -> Feature:
    if isinstance(feature, Table) and feature.outcomes.dtype == np.object_:
        outcomes = feature.outcomes.astype(np.object_)
        outcomes[missing_among(outcomes)] = fill
        return Table(feature.codes, outcomes)
    if not isinstance(fill, Real):
        raise NotCompilableError("SimpleImputer fills numbers with texts")
    return calculated(feature, [(Operation.FILL, float(fill))], "SimpleImputer")


def _is_missing(feature: Feature) -> Table:
    if isinstance(feature, Number):
        return Table(NumberCodes(feature, (), exact=True), np.array([0.0, 1.0]))
    return Table(feature.codes, missing_among(feature.outcomes).astype(np.float64))
