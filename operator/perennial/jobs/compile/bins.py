"""Bins of numbers."""

import numpy as np
from sklearn.preprocessing import KBinsDiscretizer

from perennial.artifacts.encoding import Values
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.context import Context
from perennial.jobs.compile.encoders import outcomes_of
from perennial.jobs.compile.features import (
    Columns,
    Feature,
    NumberCodes,
    Table,
    as_numbers,
)


def bins_discretizer(bins: KBinsDiscretizer, columns: Columns, context: Context) -> Columns:
    """Give each bin a number, or a column."""
    if bins.dtype not in (None, np.float64):
        raise NotCompilableError(f"KBinsDiscretizer with dtype={np.dtype(bins.dtype)}")
    context.require_finite(columns, "KBinsDiscretizer", missing=False)
    tables = [
        _table(feature, edges[1:-1])
        for feature, edges in zip(columns.features, bins.bin_edges_, strict=True)
    ]
    widths = [1] * len(tables) if bins.encode == "ordinal" else bins.n_bins_.tolist()
    return Columns(outcomes_of(bins, tables, widths), sparse=bins.encode == "onehot")


def _table(feature: Feature, edges: Values) -> Table:
    """Return a value of each bin; a missing value, which is rejected, has an arbitrary bin."""
    if isinstance(feature, Table):
        values = as_numbers(feature.outcomes, "KBinsDiscretizer")
        return Table(feature.codes, np.where(np.isfinite(values), values, 0.0))
    codes = NumberCodes(feature, tuple(edges.tolist()), exact=False)
    lowest = np.nextafter(edges[0], -np.inf) if len(edges) else 0.0
    return Table(codes, np.array([lowest, *edges, 0.0]))
