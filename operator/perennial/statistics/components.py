"""The tests of one input: all bins, location, dispersion, values never seen, missing values.

All arrays have the inputs as their first axis and the bins as their last, padded to one width.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Final

import numpy as np

from perennial.statistics.distributions import two_sided_binomial, two_sided_normal
from perennial.statistics.verdict import BoolArray, FloatArray

LEAST_EXPECTED: Final = 5.0  # rows in a cell of the chi-square (Cochran 1954)
FEW_EVENTS: Final = 20.0  # below this expectation the binomial is computed exactly
OMNIBUS, LOCATION, DISPERSION = range(3)  # positions in the last axis of `statistics`
NEW, MISSING = range(2)  # positions in the last axis of `rare`
_NORMAL = NormalDist()
_EDGE: Final = 1e-12
_PSEUDO: Final = 0.5


class Kind(StrEnum):
    """What is counted, and hence which bins come first and last."""

    NUMBER = "Number"  # below the training minimum, 1, 2..., above its maximum, missing
    CATEGORY = "Category"  # 1, 2..., other, unseen, missing
    ANSWER = "Answer"  # 1, 2...


WEIGHTS: Final = {
    Kind.NUMBER: (0.3, 0.3, 0.25, 0.075, 0.075),
    Kind.CATEGORY: (0.3, math.nan, math.nan, 0.1, 0.075),
    Kind.ANSWER: (0.3, 0.3, 0.25, math.nan, math.nan),
}
"""Weights of omnibus, location, dispersion, new and missing; they need not add up to 1."""


@dataclass(frozen=True, slots=True)
class Components:
    """What the tests need to know of the reference.

    `merge` (inputs, bins, cells) adds bins up to cells with five expected rows, `degrees`
    (inputs,) is the number of cells less 1, `location` and `dispersion` (inputs, bins) are scores,
    `scored` (inputs, bins) the bins that have them. `new` and `missing` (inputs, bins) are masks,
    `weights` (inputs, 5); NaN says that an input has no such test.
    """

    merge: FloatArray
    degrees: FloatArray
    location: FloatArray
    dispersion: FloatArray
    scored: FloatArray
    new: FloatArray
    missing: FloatArray
    weights: FloatArray

    @classmethod
    def of(
        cls, kinds: Sequence[Kind], reference: Sequence[FloatArray], rows: float
    ) -> "Components":
        """Return the tests of inputs with these counts by bin, for windows of so many rows."""
        width = max(map(len, reference))
        inputs = len(kinds)
        merge = np.zeros((inputs, width, width))
        flat = {
            name: np.zeros((inputs, width)) for name in ("s1", "s2", "scored", "new", "missing")
        }
        for at, (kind, counts) in enumerate(zip(kinds, reference, strict=True)):
            last = len(counts)
            cells = _cells(counts, min(rows, counts.sum()))
            merge[at, np.arange(last), cells] = 1
            known = last if kind is Kind.ANSWER else last - 1
            if kind is not Kind.CATEGORY:
                flat["s1"][at, :known], flat["s2"][at, :known] = normal_scores(counts[:known])
                flat["scored"][at, :known] = 1
            if kind is not Kind.ANSWER:
                flat["missing"][at, last - 1] = flat["new"][at, last - 2] = 1
            if kind is Kind.NUMBER and known > 1:
                flat["new"][at, 0] = 1
        degrees = np.maximum((merge.sum(axis=1) > 0).sum(axis=-1) - 1, 0).astype(float)
        return cls(
            merge[..., : int(degrees.max()) + 1],
            degrees,
            flat["s1"],
            flat["s2"],
            flat["scored"],
            flat["new"],
            flat["missing"],
            np.array([WEIGHTS[kind] for kind in kinds]),
        )

    def statistics(self, reference: FloatArray, window: FloatArray) -> FloatArray:
        """Return squared deviations, each with expectation 1 if rows are independent.

        Counts have the shape (inputs, windows, bins), the result (inputs, windows, 3): the
        two-sample chi-square by degree of freedom, and two score tests with the scores of a
        normal distribution and of its square. An input without a single row in a window gives 0.
        """
        omnibus = self._chi_square(reference, window)
        reference, window = (each * self.scored[:, None] for each in (reference, window))
        m, n = reference.sum(axis=-1), window.sum(axis=-1)
        both = (reference + window) / np.maximum(m + n, 1e-300)[..., None]
        found = [omnibus]
        for scores in (self.location, self.dispersion):
            mean = _dot(both, scores)
            variance = np.maximum(_dot(both, scores**2) - mean**2, 0.0)
            error = variance * (1 / np.maximum(n, 1e-300) + 1 / np.maximum(m, 1e-300))
            apart = _dot(window, scores) / np.maximum(n, 1e-300)
            apart = apart - _dot(reference, scores) / np.maximum(m, 1e-300)
            is_known = (n > 0) & (m > 0) & (error > _EDGE * 1e-6)
            found.append(np.where(is_known, apart**2 / np.where(is_known, error, 1.0), 0.0))
        return np.stack(found, axis=-1)

    def _chi_square(self, reference: FloatArray, window: FloatArray) -> FloatArray:
        r, w = reference @ self.merge, window @ self.merge
        m, n = r.sum(axis=-1), w.sum(axis=-1)
        safe_m, safe_n = np.maximum(m, 1e-300), np.maximum(n, 1e-300)
        apart = w / safe_n[..., None] - r / safe_m[..., None]
        both = (r + w) / np.maximum(m + n, 1e-300)[..., None]
        total = (apart**2 / np.maximum(both, _EDGE)).sum(axis=-1)
        found = total / (1 / safe_n + 1 / safe_m) / np.maximum(self.degrees, 1)[:, None]
        return np.where((m > 0) & (n > 0), found, 0.0)

    def rare(self, window: FloatArray) -> FloatArray:
        """Return the rows with new and with missing values, shape (inputs, windows, 2)."""
        return np.stack([_dot(window, self.new), _dot(window, self.missing)], axis=-1)

    def has(self, component: int) -> BoolArray:
        """Return which inputs have a component, by its position in `weights`; (inputs,)."""
        return np.asarray(~np.isnan(self.weights[:, component]))


def padded(counts: Sequence[FloatArray]) -> FloatArray:
    """Return the counts (..., bins) of inputs as one array with bins of zero rows at the end."""
    width = max(each.shape[-1] for each in counts)
    rest = [(0, 0)] * (counts[0].ndim - 1)
    return np.stack([np.pad(each, [*rest, (0, width - each.shape[-1])]) for each in counts])


def normal_scores(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean of a standard normal, and of its square less 1, within each bin.

    The bins divide the normal distribution as they divide the rows, half a row added to each.
    """
    shares = (counts + _PSEUDO) / (counts.sum() + _PSEUDO * len(counts))
    inner = np.clip(np.cumsum(shares)[:-1], _EDGE, 1 - _EDGE)
    edges = np.array([_NORMAL.inv_cdf(share) for share in inner.tolist()])
    density = np.array([0.0, *map(_NORMAL.pdf, edges.tolist()), 0.0])
    product = np.array([0.0, *(edges * density[1:-1]), 0.0])
    return -np.diff(density) / shares, -np.diff(product) / shares


def rare_p(
    events: FloatArray, rows: FloatArray, reference_events: FloatArray, reference_rows: FloatArray
) -> FloatArray:
    """Return the p-value of a share of rows against the reference's; NaN without any event.

    Given all events, the window's are binomial with its share of the rows (Przyborowski and
    Wilenski 1940); from 20 expected events on, two shares are compared by their normal
    approximation. `rows` are effective rows, and `events` as many among them.
    """
    arrays = np.broadcast_arrays(events, rows, reference_events, reference_rows)
    b, n, a, m = (np.asarray(each, dtype=np.float64) for each in arrays)
    n, m = np.maximum(n, 1e-300), np.maximum(m, 1e-300)
    total, share = a + b, n / (n + m)
    pooled = np.minimum(total / (n + m), 1.0)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * (1 / n + 1 / m))
    found = two_sided_normal((b / n - a / m) / error)
    few = (np.round(total) * share < FEW_EVENTS) & (total > 0)
    if few.any():
        found[few] = two_sided_binomial(b[few], total[few], share[few])
    return np.where(total > 0, found, np.nan)


def _cells(counts: FloatArray, rows: float) -> list[int]:
    """Return the cell of each bin: neighbours are merged until five rows are expected."""
    expected = counts / max(counts.sum(), 1e-300) * rows
    cells, cell, filled = [], 0, 0.0
    for rows_of_bin in expected.tolist():
        cells.append(cell)
        filled += rows_of_bin
        if filled >= LEAST_EXPECTED:
            cell, filled = cell + 1, 0.0
    last = max(cell - 1, 0)
    return [min(each, last) for each in cells]


def _dot(counts: FloatArray, by_bin: FloatArray) -> FloatArray:
    return np.asarray((counts @ by_bin[..., None])[..., 0])
