"""How many values fall into each bin: what is sorted is only asked where each bin ends."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bins = NDArray[np.intp]


def by_bin(values: Floats, ends: Floats) -> Bins:
    """Return how many values lie up to each end, beyond the end before it; NaN is the largest."""
    return between(np.sort(values).searchsorted(ends, "right"))


def between(up_to: Bins) -> Bins:
    """Make numbers up to each end, along the last axis, those of each bin."""
    up_to[..., 1:] -= up_to[..., :-1]
    return up_to
