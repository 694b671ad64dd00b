"""Scalers, in scikit-learn's order of operations."""

from typing import Any

import numpy as np
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from perennial.artifacts.encoding import Operation, Values
from perennial.jobs.compile.context import Context
from perennial.jobs.compile.features import Columns, calculated

Operands = tuple[Operation, Values]
"""An operation with one operand per column."""


def standard_scaler(scaler: StandardScaler, columns: Columns, context: Context) -> Columns:
    """Subtract the mean, divide by the deviation."""
    steps: list[Operands] = []
    if scaler.with_mean:
        steps.append((Operation.SUBTRACT, scaler.mean_))
    if scaler.with_std:
        steps.append(_divided(scaler.scale_, columns))
    return _scaled(scaler, columns, context, steps)


def robust_scaler(scaler: RobustScaler, columns: Columns, context: Context) -> Columns:
    """Subtract the median, divide by the range between quantiles."""
    steps: list[Operands] = []
    if scaler.with_centering:
        steps.append((Operation.SUBTRACT, scaler.center_))
    if scaler.with_scaling:
        steps.append(_divided(scaler.scale_, columns))
    return _scaled(scaler, columns, context, steps)


def min_max_scaler(scaler: MinMaxScaler, columns: Columns, context: Context) -> Columns:
    """Multiply and add: scikit-learn stores the inverse of the range."""
    steps: list[Operands] = [
        (Operation.MULTIPLY, scaler.scale_),
        (Operation.ADD, scaler.min_),
    ]
    if scaler.clip:
        steps += _clipped(scaler.feature_range, columns)
    return _scaled(scaler, columns, context, steps)


def max_abs_scaler(scaler: MaxAbsScaler, columns: Columns, context: Context) -> Columns:
    """Divide by the largest magnitude."""
    steps = [_divided(scaler.scale_, columns)]
    if scaler.clip:
        steps += _clipped((-1.0, 1.0), columns)
    return _scaled(scaler, columns, context, steps)


def weighted(columns: Columns, weight: float | None, taker: str) -> Columns:
    """Multiply the columns by the weight of their transformer, if it has one."""
    if weight is None:
        return columns
    steps = [(Operation.MULTIPLY, float(weight))]
    features = [calculated(feature, steps, taker) for feature in columns.features]
    return Columns(tuple(features), columns.sparse)


def _divided(scale: Values, columns: Columns) -> Operands:
    """Divide; a sparse matrix is multiplied by the inverse, which rounds differently."""
    return (Operation.MULTIPLY, 1.0 / scale) if columns.sparse else (Operation.DIVIDE, scale)


def _clipped(limits: tuple[float, float], columns: Columns) -> list[Operands]:
    smallest, largest = (np.full(len(columns.features), limit, np.float64) for limit in limits)
    return [(Operation.AT_LEAST, smallest), (Operation.AT_MOST, largest)]


def _scaled(scaler: Any, columns: Columns, context: Context, steps: list[Operands]) -> Columns:  # noqa: ANN401 - any of the four
    taker = type(scaler).__name__
    context.require_finite(columns, taker, missing=True)
    features = [
        calculated(feature, [(step, float(operands[at])) for step, operands in steps], taker)
        for at, feature in enumerate(columns.features)
    ]
    return Columns(tuple(features), columns.sparse)
