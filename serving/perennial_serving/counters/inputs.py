"""Counts inputs: bins, values outside the contract, and deviations from the training mean."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.model_schema import Input
from perennial.artifacts.profile import CategoryProfile, NumberProfile
from perennial_serving.counters.bins import Bins, Floats, between
from perennial_serving.counters.double_buffer import Totals
from perennial_serving.counters.layout import Layout

_LARGEST_SPREADS: Final = 1e6
_LARGEST: Final = 1e150
"""Deviations are clipped here: one absurd number would dominate the sum or overflow it."""


class NumberCounter:
    """Adds numeric inputs to totals."""

    def __init__(self, layout: Layout) -> None:
        profiles, counts = layout.profile.numbers, layout.counts
        lengths = np.array([len(profile.edges) for profile in profiles], np.intp)
        self._longest = int(max(lengths, default=0))
        places = np.arange(self._longest + 2)
        is_bin = (places <= lengths[:, np.newaxis]) | (places == self._longest + 1)
        self._kept = np.flatnonzero(is_bin)
        self._bins = _first(len(self._kept), counts.features)
        self._outside = _first(len(profiles), counts.out_of_contract)
        self._ends = [
            _ends(profile, column, self._longest)
            for profile, column in zip(profiles, layout.schema.numbers, strict=True)
        ]
        self._deviations = _Deviations(layout)

    def add(self, numbers: Floats, totals: Totals) -> None:
        """Count every column."""
        columns = np.array(numbers.T, order="C")
        self._deviations.add(columns, totals)
        columns.sort(axis=1)
        pairs = zip(columns, self._ends, strict=True)
        found = [column.searchsorted(ends, "right") for column, ends in pairs]
        up_to = np.array(found, np.intp).reshape(len(found), self._longest + 4)
        known, too_small, small_enough = up_to[:, self._longest], up_to[:, -2], up_to[:, -1]
        totals.counts[self._outside] += too_small + known - small_enough
        totals.counts[self._bins] += between(up_to[:, :-2]).take(self._kept)


class CategoryCounter:
    """Adds category inputs to totals."""

    def __init__(self, layout: Layout) -> None:
        profiles, counts = layout.profile.categories, layout.counts
        lengths = [len(profile.bins) for profile in profiles]
        self._number = sum(lengths)
        self._inputs = _starts(lengths)
        self._bins = _last(self._number, counts.features)
        self._outside = _last(len(lengths), counts.out_of_contract)
        tables = [
            _bins_of_codes(profile, column) + start + _is_outside(column) * self._number
            for profile, column, start in zip(
                profiles, layout.schema.texts, self._inputs, strict=True
            )
        ]
        self._starts = _starts([len(table) for table in tables])
        self._cells = np.concatenate([np.empty(0, np.intp), *tables])

    def add(self, codes: Bins, totals: Totals) -> None:
        """Count every column; each bin has a second cell for values outside the contract."""
        cells = self._cells.take(codes + self._starts).ravel()
        kept, outside = np.bincount(cells, minlength=2 * self._number).reshape(2, self._number)
        totals.counts[self._bins] += kept + outside
        totals.counts[self._outside] += np.add.reduceat(outside, self._inputs)


class _Deviations:
    """Sums of deviations from the training mean, for mean and standard deviation."""

    def __init__(self, layout: Layout) -> None:
        numbers = layout.profile.numbers
        self._sums = layout.sums
        self._means = np.array([[profile.mean] for profile in numbers]).reshape(-1, 1)
        spreads = [profile.spread or abs(profile.mean) or 1.0 for profile in numbers]
        limits = np.array(spreads) * _LARGEST_SPREADS
        self._limits = np.minimum(limits, _LARGEST)[:, np.newaxis]

    def add(self, columns: Floats, totals: Totals) -> None:
        with np.errstate(over="ignore"):
            away = columns - self._means
        np.copyto(away, 0.0, where=np.isnan(away))
        np.minimum(away, self._limits, out=away)
        np.maximum(away, -self._limits, out=away)
        totals.sums[self._sums.squares] += np.vecdot(away, away)
        # rounding is monotonic: summed alike, |x| is never below x, so neither side decreases
        both, ahead = np.abs(away).sum(axis=1), away.sum(axis=1)
        totals.sums[self._sums.above] += (both + ahead) / 2.0
        totals.sums[self._sums.below] += (both - ahead) / 2.0


def _ends(profile: NumberProfile, column: Input, longest: int) -> Floats:
    """Return the upper ends of the bins, then those of known, missing, too small, not too large."""
    low, high = column.contract_minimum, column.contract_maximum
    least = -np.inf if low is None else np.nextafter(low, -np.inf)
    most = np.inf if high is None else high
    padding = [np.inf] * (longest - len(profile.edges))
    return np.array([*profile.edges, *padding, np.inf, np.nan, least, most])


def _bins_of_codes(profile: CategoryProfile, column: Input) -> Bins:
    """Return the bin of each code; values outside the contract count as unseen, too."""
    bins = profile.bins_of_codes(column.categories or ())
    return np.append(bins, bins[-2])


def _is_outside(column: Input) -> NDArray[np.bool_]:
    """Return which codes are outside the contract."""
    known = column.categories or ()
    if column.contract_categories is None:
        return np.zeros(len(known) + 3, np.bool_)
    outside = [value not in column.contract_categories for value in known]
    return np.array([*outside, False, False, True])


def _starts(lengths: Sequence[int]) -> Bins:
    return np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.intp)[: len(lengths)]


def _first(length: int, of: slice) -> slice:
    return slice(of.start, of.start + length)


def _last(length: int, of: slice) -> slice:
    return slice(of.stop - length, of.stop)
