"""Evaluates all trees for many rows, column by column, without branches (QuickScorer).

For every column and every interval between its bounds there is a mask: a word per tree, with a bit
per leaf that remains possible. A row falls into the first leaf that remains in all of its masks.
Walking trees is slow because of mispredicted branches.
After Lucchese et al., QuickScorer, SIGIR 2015.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import Splits
from perennial_serving.model.accepted_values import Dense

Words = NDArray[np.unsignedinteger]
"""(masks or rows, trees)"""
Indices = NDArray[np.intp]
Numbers = NDArray[np.float64]

TREES_PER_COLUMN: Final = 4
"""Walking fewer trees than this takes less time per row than looking up a column."""

_BYTES_AT_ONCE: Final = 192 << 10
"""Size of the words that are processed at a time, to stay in the processor's cache."""
_LEAST_ROWS: Final = 32
"""A single row would be summed in another order."""
_COLUMN, _BOUND, _MISSING_PASSES, _TREE, _FIRST, _END = range(6)


class QuickScorer:
    """The sums of trees for many rows."""

    def __init__(self, splits: Splits) -> None:
        nodes, self._shape = splits.nodes, splits.leaves.shape
        bounds = np.unique(nodes[:, [_COLUMN, _BOUND]], axis=0)
        columns, counts = np.unique(bounds[:, 0], return_counts=True)
        several = columns[counts > 1]
        self._lookups = [_Lookup(nodes[nodes[:, _COLUMN] == at], self._shape) for at in several]
        self._flags = _Flags(nodes[~np.isin(nodes[:, _COLUMN], several)], self._shape)
        self._columns = several.astype(np.intp)
        trees, most = self._shape
        self._at_once = max(_LEAST_ROWS, _BYTES_AT_ONCE // self._flags.masks[0].nbytes)
        self._leaves = splits.leaves.ravel()
        self._starts = np.arange(0, trees * most, most)[:, np.newaxis]
        ends = np.cumsum(splits.trees).tolist()
        self._outputs = [
            slice(end - count, end) for end, count in zip(ends, splits.trees, strict=True)
        ]

    def __call__(self, dense: Dense) -> Numbers | None:
        """Return (rows, outputs), or None if a row needs too many columns for this to pay."""
        sums = np.empty((len(dense), len(self._outputs)))
        parts = -(-len(dense) // self._at_once)
        for rows, added in zip(*(np.array_split(of, parts) for of in (dense, sums)), strict=True):
            remaining = self._remaining(rows)
            if remaining is None:
                return None
            self._add(remaining, added)
        return sums

    def _remaining(self, dense: Dense) -> Words | None:
        flags = self._flags.of(dense)
        if (len(self._lookups) + len(flags)) * TREES_PER_COLUMN > len(self._starts):
            return None
        remaining = _all(len(dense), self._shape)
        scratch = np.empty_like(remaining)
        for lookup, values in zip(self._lookups, dense.T[self._columns], strict=True):
            lookup.rule_out(remaining, values, scratch)
        self._flags.rule_out(remaining, flags, scratch)
        return remaining

    def _add(self, remaining: Words, sums: Numbers) -> None:
        """Add the value of the first remaining leaf of each tree, in the order of the trees."""
        first = np.bitwise_count(~remaining & (remaining - remaining.dtype.type(1)))
        amounts = self._leaves.take(np.add(first.T, self._starts, order="C"))
        if len(self._outputs) == len(amounts):
            sums[...] = amounts.T
            return
        for output, trees in enumerate(self._outputs):
            np.add.reduce(amounts[trees], axis=0, out=sums[:, output])


class _Lookup:
    """The masks of a column with several bounds.

    Each bound also rules out what lower bounds do; the last mask is for NaN.
    """

    def __init__(self, nodes: Numbers, shape: tuple[int, ...]) -> None:
        bounds = np.unique(nodes[:, _BOUND])
        self._bounds = np.append(bounds, np.inf)  # NaN is sorted behind infinity
        self._masks = _all(len(bounds) + 2, shape)
        _rule_out(self._masks, 1 + np.searchsorted(bounds, nodes[:, _BOUND]), nodes)
        np.bitwise_and.accumulate(self._masks[:-1], axis=0, out=self._masks[:-1])
        stopped = nodes[nodes[:, _MISSING_PASSES] == 0]
        _rule_out(self._masks, np.full(len(stopped), -1), stopped)

    def rule_out(self, remaining: Words, values: Numbers, scratch: Words) -> None:
        """Narrow the leaves that remain; `scratch` is working space of the same shape."""
        np.take(self._masks, self._bounds.searchsorted(values), axis=0, out=scratch, mode="clip")
        remaining &= scratch


class _Flags:
    """The masks of columns with a single bound, such as those of categories.

    Most values are below the bound. There is one mask per column, one more for NaN, and one without
    effect.
    """

    def __init__(self, nodes: Numbers, shape: tuple[int, ...]) -> None:
        columns, at = np.unique(nodes[:, _COLUMN], return_inverse=True)
        self._columns = columns.astype(np.intp)
        self._bounds = np.empty(len(columns))
        self._bounds[at] = nodes[:, _BOUND]
        self.masks = _all(2 * len(columns) + 1, shape)
        _rule_out(self.masks, at, nodes)
        stops = nodes[:, _MISSING_PASSES] == 0
        _rule_out(self.masks, len(columns) + at[stops], nodes[stops])

    def of(self, dense: Dense) -> Indices:
        """Return the indices of each row's masks, (most of any row, rows)."""
        values = dense.take(self._columns, axis=1)
        # flat positions of few hits are found faster than rows and columns
        rows, at = np.divmod(np.flatnonzero(~(values <= self._bounds)), len(self._columns))
        at += len(self._columns) * np.isnan(values[rows, at])
        counts = np.bincount(rows, minlength=len(dense))
        place = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        masks = np.full((counts.max(initial=0), len(dense)), len(self.masks) - 1)
        masks[place, rows] = at
        return masks

    def rule_out(self, remaining: Words, flags: Indices, scratch: Words) -> None:
        """Narrow the leaves that remain; `scratch` is working space of the same shape."""
        for at in flags:
            np.take(self.masks, at, axis=0, out=scratch, mode="clip")
            remaining &= scratch


def _all(masks: int, shape: tuple[int, ...]) -> Words:
    """Return masks that keep all leaves."""
    trees, most = shape
    word = np.dtype(f"u{max(8, 1 << (most - 1).bit_length()) // 8}")
    return np.full((masks, trees), np.iinfo(word).max, word)


def _rule_out(masks: Words, at: Indices, nodes: Numbers) -> None:
    """Remove the leaves that the nodes rule out from masks."""
    tree, first, end = nodes[:, _TREE:].astype(np.uint64).T
    ruled_out = ((np.uint64(1) << (end - first)) - np.uint64(1)) << first
    np.bitwise_and.at(masks, (at, tree.astype(np.intp)), (~ruled_out).astype(masks.dtype))
