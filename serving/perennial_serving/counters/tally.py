"""Counting proper: many rows, requests or labels at once, by numpy."""

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.profile import MOST_SCORE_BINS, CategoryProfile
from perennial.artifacts.schema import Input
from perennial_serving.counters.bank import Bank
from perennial_serving.counters.layout import DELAYS, REQUESTS, SECONDS, Layout, Outcome
from perennial_serving.counters.rows import RowBlock

Floats = NDArray[np.float64]
Bins = NDArray[np.intp]

_LARGEST_SPREADS = 1e6
_LARGEST = 1e150
"""A deviation beyond is cut: one absurd number would drown every other, or end in infinity."""


class Tally:
    """Adds what was recorded to a bank."""

    def __init__(self, layout: Layout) -> None:
        """Turn the profile into tables."""
        self._layout = layout
        self._features = _Features(layout)
        self._deviations = _Deviations(layout)
        self._edges = [
            (stretch, np.array(of.edges), column)
            for stretch, of, column in (
                (layout.counts.predictions, layout.profile.prediction, 1),
                (layout.counts.confidences, layout.profile.confidence, 2),
            )
            if of is not None
        ]

    def rows(self, block: RowBlock, bank: Bank) -> None:
        """Add rows and their answers."""
        if not len(block.grades):
            return
        self._features.add(block, bank)
        self._deviations.add(block.numbers, bank)
        self._grades(block.grades, bank)
        if len(block.delays):
            self._delays(block.delays, bank)

    def _grades(self, grades: Floats, bank: Bank) -> None:
        counts = self._layout.counts
        if self._layout.schema.classes is not None:
            _count(bank.counts[counts.classes], grades[:, 0].astype(np.intp))
        for stretch, edges, column in self._edges:
            _count(bank.counts[stretch], _binned(edges, grades[:, column]))

    def _delays(self, delays: Floats, bank: Bank) -> None:
        bins = np.searchsorted(DELAYS, delays) + np.isnan(delays)
        _count(bank.counts[self._layout.counts.delays], bins)
        known = np.where(np.isnan(delays), 0.0, delays)
        ahead, behind = np.maximum(-known, 0.0).sum(), np.maximum(known, 0.0).sum()
        bank.sums[self._layout.sums.delays] += (ahead, behind)

    def requests(self, records: Floats, bank: Bank) -> None:
        """Add requests: position of outcome and code, rows, seconds."""
        if not len(records):
            return
        layout, cells = self._layout, records[:, 0].astype(np.intp)
        _count(bank.counts[layout.counts.requests], cells)
        outcomes = _OUTCOMES[cells]
        rows = np.bincount(outcomes, weights=records[:, 1], minlength=len(Outcome))
        bank.counts[layout.counts.rows] += rows.astype(np.int64)
        answered = records[outcomes == 0, 2]
        _count(bank.counts[layout.counts.seconds], np.searchsorted(SECONDS, answered))
        bank.sums[layout.sums.seconds] += answered.sum()

    def labels(self, records: Floats, bank: Bank) -> None:
        """Add labels: position of the outcome, version, bin, label, prediction minus label."""
        if not len(records):
            return
        layout, whole = self._layout, records[:, :4].astype(np.intp)
        _count(bank.counts[layout.counts.label_outcomes], whole[:, 0])
        counted = whole[:, 0] == 0
        cells = whole[counted, 1] * MOST_SCORE_BINS + whole[counted, 2]
        labels = len(layout.labels)
        _count(bank.counts[layout.counts.labels], cells * labels + whole[counted, 3])
        self._errors(cells, records[counted, 4], bank)

    def _errors(self, cells: Bins, errors: Floats, bank: Bank) -> None:
        sums = self._layout.sums
        cut = np.clip(np.where(np.isnan(errors), 0.0, errors), -_LARGEST, _LARGEST)
        for stretch, values in (
            (sums.over, np.maximum(cut, 0.0)),
            (sums.under, np.maximum(-cut, 0.0)),
            (sums.squared_errors, cut * cut),
        ):
            summed = bank.sums[stretch]
            summed += np.bincount(cells, weights=values, minlength=len(summed))


class _Features:
    """Bins of the inputs, and values that break the contract."""

    def __init__(self, layout: Layout) -> None:
        schema, profile = layout.schema, layout.profile
        self._stretch = layout.counts.features
        self._contract = layout.counts.out_of_contract
        self._edges = _columns_of([one.edges for one in profile.numbers])
        missing = [len(one.bins) - 1 for one in profile.numbers]
        self._missing = np.array(missing, np.intp).reshape(-1, 1)
        starts = _starts([len(one.bins) for one in profile.inputs])
        numbers = len(profile.numbers)
        self._number_starts = starts[:numbers, None]
        tables = [_table(one, of) for one, of in zip(profile.categories, schema.texts, strict=True)]
        self._code_starts = _starts([len(table) for table in tables])
        self._code_bins = np.concatenate(
            [np.empty(0, np.intp)]
            + [table + start for table, start in zip(tables, starts[numbers:], strict=True)]
        )
        self._code_breaks = np.concatenate([np.empty(0, np.bool_), *map(_breaks, schema.texts)])
        limits = [(one.contract_minimum, one.contract_maximum) for one in schema.numbers]
        self._least = np.array([-np.inf if low is None else low for low, _ in limits])
        self._most = np.array([np.inf if high is None else high for _, high in limits])

    def add(self, block: RowBlock, bank: Bank) -> None:
        bins = self._number_bins(np.ascontiguousarray(block.numbers.T))
        codes = block.codes + self._code_starts
        flat = np.concatenate((bins.ravel(), self._code_bins[codes].ravel()))
        _count(bank.counts[self._stretch], flat)
        broken = bank.counts[self._contract]
        numbers = len(self._missing)
        outside = (block.numbers < self._least) | (block.numbers > self._most)
        broken[:numbers] += outside.sum(axis=0)
        broken[numbers:] += self._code_breaks[codes].sum(axis=0)

    def _number_bins(self, columns: Floats) -> Bins:
        """Return the bins: as many as edges below, which is three times faster than searching."""
        bins, beyond = np.zeros(columns.shape, np.uint8), np.empty(columns.shape, np.bool_)
        for edges in self._edges:
            np.greater(columns, edges, out=beyond)
            np.add(bins, beyond.view(np.uint8), out=bins)
        return np.where(np.isnan(columns), self._missing, bins) + self._number_starts


class _Deviations:
    """Sums that give mean and standard deviation, taken from the training mean."""

    def __init__(self, layout: Layout) -> None:
        numbers = layout.profile.numbers
        self._sums = layout.sums
        self._means = np.array([one.mean for one in numbers])
        limits = [(one.spread or abs(one.mean) or 1.0) * _LARGEST_SPREADS for one in numbers]
        self._limits = np.minimum(limits, _LARGEST)

    def add(self, numbers: Floats, bank: Bank) -> None:
        with np.errstate(over="ignore"):
            away = numbers - self._means
        cut = np.clip(np.where(np.isnan(away), 0.0, away), -self._limits, self._limits)
        bank.sums[self._sums.above] += np.maximum(cut, 0.0).sum(axis=0)
        bank.sums[self._sums.below] += np.maximum(-cut, 0.0).sum(axis=0)
        bank.sums[self._sums.squares] += np.einsum("ij,ij->j", cut, cut)


_OUTCOMES = np.array([tuple(Outcome).index(outcome) for outcome, _ in REQUESTS])


def _count(counts: NDArray[np.int64], bins: Bins) -> None:
    counts += np.bincount(bins, minlength=len(counts))


def _binned(edges: Floats, values: Floats) -> Bins:
    """Return the bins of the values that there are: answers may lack a number."""
    return np.searchsorted(edges, values[~np.isnan(values)])


def _starts(lengths: list[int]) -> NDArray[np.intp]:
    return np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.intp)[: len(lengths)]


def _columns_of(edges: list[tuple[float, ...]]) -> list[Floats]:
    """Return the first edges of all inputs as a column, then the second ones..."""
    longest = max(map(len, edges), default=0)
    padded = [[*one, *[np.inf] * (longest - len(one))] for one in edges]
    return [np.array([[one[place]] for one in padded]) for place in range(longest)]


def _table(one: CategoryProfile, of: Input) -> Bins:
    bins = one.bins_of_codes(of.categories or ())
    return np.append(bins, bins[-2])


def _breaks(one: Input) -> NDArray[np.bool_]:
    """Return which codes the contract does not let through."""
    known = one.categories or ()
    if one.contract_categories is None:
        return np.zeros(len(known) + 3, np.bool_)
    broken = [value not in one.contract_categories for value in known]
    return np.array([*broken, False, False, True])
