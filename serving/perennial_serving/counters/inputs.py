"""Counting of inputs: bins, values that break the contract, and deviations from the training."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.model_schema import Input
from perennial.artifacts.profile import CategoryProfile, NumberProfile
from perennial_serving.counters.bins import Bins, Floats, between
from perennial_serving.counters.double_buffer import Bank
from perennial_serving.counters.layout import Layout

_LARGEST_SPREADS: Final = 1e6
_LARGEST: Final = 1e150
"""A deviation beyond is cut: one absurd number would drown every other, or end in infinity."""


class NumberTally:
    """Adds inputs that are numbers to a bank."""

    def __init__(self, layout: Layout) -> None:
        """Turn the profile into tables."""
        profiles, counts = layout.profile.numbers, layout.counts
        lengths = np.array([len(one.edges) for one in profiles], np.intp)
        self._longest = int(max(lengths, default=0))
        places = np.arange(self._longest + 2)
        is_bin = (places <= lengths[:, np.newaxis]) | (places == self._longest + 1)
        self._kept = np.flatnonzero(is_bin)
        self._bins = _first(len(self._kept), counts.features)
        self._broken = _first(len(profiles), counts.out_of_contract)
        self._ends = [
            _ends(one, of, self._longest)
            for one, of in zip(profiles, layout.schema.numbers, strict=True)
        ]
        self._deviations = _Deviations(layout)

    def add(self, numbers: Floats, bank: Bank) -> None:
        """Count every column."""
        columns = np.array(numbers.T, order="C")
        self._deviations.add(columns, bank)
        columns.sort(axis=1)
        pairs = zip(columns, self._ends, strict=True)
        found = [column.searchsorted(ends, "right") for column, ends in pairs]
        up_to = np.array(found, np.intp).reshape(len(found), self._longest + 4)
        known, too_small, small_enough = up_to[:, self._longest], up_to[:, -2], up_to[:, -1]
        bank.counts[self._broken] += too_small + known - small_enough
        bank.counts[self._bins] += between(up_to[:, :-2]).take(self._kept)


class CategoryTally:
    """Adds inputs that are Categories to a bank."""

    def __init__(self, layout: Layout) -> None:
        """Turn the profile into one table of all codes."""
        profiles, counts = layout.profile.categories, layout.counts
        lengths = [len(one.bins) for one in profiles]
        self._number = sum(lengths)
        self._inputs = _starts(lengths)
        self._bins = _last(self._number, counts.features)
        self._broken = _last(len(lengths), counts.out_of_contract)
        tables = [
            _bins_of_codes(one, of) + start + _breaks(of) * self._number
            for one, of, start in zip(profiles, layout.schema.texts, self._inputs, strict=True)
        ]
        self._starts = _starts([len(table) for table in tables])
        self._cells = np.concatenate([np.empty(0, np.intp), *tables])

    def add(self, codes: Bins, bank: Bank) -> None:
        """Count every column; each bin has a second cell for what breaks the contract."""
        cells = self._cells.take(codes + self._starts).ravel()
        kept, broken = np.bincount(cells, minlength=2 * self._number).reshape(2, self._number)
        bank.counts[self._bins] += kept + broken
        bank.counts[self._broken] += np.add.reduceat(broken, self._inputs)


class _Deviations:
    """Sums that give mean and standard deviation, taken from the training mean."""

    def __init__(self, layout: Layout) -> None:
        numbers = layout.profile.numbers
        self._sums = layout.sums
        self._means = np.array([[one.mean] for one in numbers]).reshape(-1, 1)
        limits = [(one.spread or abs(one.mean) or 1.0) * _LARGEST_SPREADS for one in numbers]
        self._limits = np.minimum(limits, _LARGEST)[:, np.newaxis]

    def add(self, columns: Floats, bank: Bank) -> None:
        with np.errstate(over="ignore"):
            away = columns - self._means
        np.copyto(away, 0.0, where=np.isnan(away))
        np.minimum(away, self._limits, out=away)
        np.maximum(away, -self._limits, out=away)
        bank.sums[self._sums.squares] += np.vecdot(away, away)
        # rounding keeps order: added up alike, |x| is never less than x, and no side falls
        both, ahead = np.abs(away).sum(axis=1), away.sum(axis=1)
        bank.sums[self._sums.above] += (both + ahead) / 2.0
        bank.sums[self._sums.below] += (both - ahead) / 2.0


def _ends(one: NumberProfile, of: Input, longest: int) -> Floats:
    """Return the ends of bins, then what is known, missing, too small and not too large."""
    least = -np.inf if of.contract_minimum is None else np.nextafter(of.contract_minimum, -np.inf)
    most = np.inf if of.contract_maximum is None else of.contract_maximum
    padding = [np.inf] * (longest - len(one.edges))
    return np.array([*one.edges, *padding, np.inf, np.nan, least, most])


def _bins_of_codes(one: CategoryProfile, of: Input) -> Bins:
    """Return the bin of each code; what breaks the contract is unseen as well."""
    bins = one.bins_of_codes(of.categories or ())
    return np.append(bins, bins[-2])


def _breaks(one: Input) -> NDArray[np.bool_]:
    """Return which codes the contract does not let through."""
    known = one.categories or ()
    if one.contract_categories is None:
        return np.zeros(len(known) + 3, np.bool_)
    broken = [value not in one.contract_categories for value in known]
    return np.array([*broken, False, False, True])


def _starts(lengths: Sequence[int]) -> Bins:
    return np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.intp)[: len(lengths)]


def _first(length: int, of: slice) -> slice:
    return slice(of.start, of.start + length)


def _last(length: int, of: slice) -> slice:
    return slice(of.stop - length, of.stop)
