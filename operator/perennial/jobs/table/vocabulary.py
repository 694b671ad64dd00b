"""Ranges and categories of the training rows, by which a server recognizes new values."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perennial.api.tasks import ColumnLimits
from perennial.artifacts.model_schema import Input


def described(
    inputs: Iterable[Input], frame: pd.DataFrame, limits: Iterable[ColumnLimits] = ()
) -> tuple[Input, ...]:
    """Return the inputs with the ranges and categories of a frame, and the contract's limits."""
    known_limits = {column.name: column for column in limits}
    return tuple(
        _limited(
            _seen(column, frame[column.name]),
            known_limits.get(column.name, ColumnLimits(name=column.name)),
        )
        for column in inputs
    )


def _seen(column: Input, cells: pd.Series) -> Input:
    if column.is_category:
        values = sorted(set(cells.dropna().tolist()))
        return column.model_copy(update={"categories": tuple(values)})
    numbers = cells.to_numpy(dtype=np.float64)
    return column.model_copy(update=_range(numbers[np.isfinite(numbers)]))


def _range(numbers: NDArray[np.float64]) -> dict[str, float]:
    if len(numbers) == 0:
        return {}
    return {"minimum": float(numbers.min()), "maximum": float(numbers.max())}


def _limited(column: Input, limits: ColumnLimits) -> Input:
    return column.model_copy(
        update={
            "contract_minimum": None if limits.minimum is None else float(limits.minimum),
            "contract_maximum": None if limits.maximum is None else float(limits.maximum),
            "contract_categories": limits.allowed_values,
        }
    )
