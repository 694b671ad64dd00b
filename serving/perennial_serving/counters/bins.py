"""Counts of values per bin: values are sorted, then searched for the upper end of each bin."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bins = NDArray[np.intp]


def by_bin(values: Floats, ends: Floats) -> Bins:
    """Return the number of values per bin, each up to and including its end; NaN sorts last."""
    return between(np.sort(values).searchsorted(ends, "right"))


def between(up_to: Bins) -> Bins:
    """Turn cumulative counts along the last axis into counts per bin, in place."""
    up_to[..., 1:] -= up_to[..., :-1]
    return up_to
