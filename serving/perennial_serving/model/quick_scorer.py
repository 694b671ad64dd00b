"""All trees at once, for many rows: each column rules leaves out, until each tree has its leaf.

For every column and every stretch between its bounds, a line of words tells which leaves remain,
a word for each tree, a bit for each leaf. A row falls into the first leaf that all its lines leave.
Walking a tree costs mispredicted branches; here nothing branches.
After Lucchese et al., QuickScorer, SIGIR 2015.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.compiled import Splits
from perennial_serving.model.accepted_values import Dense

Words = NDArray[np.unsignedinteger]
"""(lines or rows, trees)"""
Indices = NDArray[np.intp]
Numbers = NDArray[np.float64]

TREES_PER_COLUMN: Final = 4
"""Walking fewer trees than these takes a row less time than looking a column up."""

_BYTES_AT_ONCE: Final = 192 << 10
"""Words of rows at once: few enough to stay in a processor's cache."""
_LEAST_ROWS: Final = 32
"""A row that stood alone would be summed in another order."""
_COLUMN, _BOUND, _MISSING_PASSES, _TREE, _FIRST, _END = range(6)


class LeafMasks:
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
        self._at_once = max(_LEAST_ROWS, _BYTES_AT_ONCE // self._flags.lines[0].nbytes)
        self._leaves = splits.leaves.ravel()
        self._starts = np.arange(0, trees * most, most)[:, np.newaxis]
        ends = np.cumsum(splits.trees).tolist()
        self._outputs = [
            slice(end - count, end) for end, count in zip(ends, splits.trees, strict=True)
        ]

    def __call__(self, dense: Dense) -> Numbers | None:
        """Return (rows, outputs), or None if one of the rows looks at more columns than pay."""
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
        line = np.empty_like(remaining)
        for lookup, values in zip(self._lookups, dense.T[self._columns], strict=True):
            lookup.rule_out(remaining, values, line)
        self._flags.rule_out(remaining, flags, line)
        return remaining

    def _add(self, remaining: Words, sums: Numbers) -> None:
        """Add what the first remaining leaf of each tree adds, tree by tree as others do."""
        first = np.bitwise_count(~remaining & (remaining - remaining.dtype.type(1)))
        amounts = self._leaves.take(np.add(first.T, self._starts, order="C"))
        if len(self._outputs) == len(amounts):
            sums[...] = amounts.T
            return
        for output, trees in enumerate(self._outputs):
            np.add.reduce(amounts[trees], axis=0, out=sums[:, output])


class _Lookup:
    """A column of several bounds."""

    def __init__(self, nodes: Numbers, shape: tuple[int, ...]) -> None:
        bounds = np.unique(nodes[:, _BOUND])
        self._bounds = np.append(bounds, np.inf)  # NaN is sorted behind infinity
        self._lines = _all(len(bounds) + 2, shape)
        _rule_out(self._lines, 1 + np.searchsorted(bounds, nodes[:, _BOUND]), nodes)
        np.bitwise_and.accumulate(self._lines[:-1], axis=0, out=self._lines[:-1])
        stopped = nodes[nodes[:, _MISSING_PASSES] == 0]
        _rule_out(self._lines, np.full(len(stopped), -1), stopped)

    def rule_out(self, remaining: Words, values: Numbers, line: Words) -> None:
        """Narrow what remains of each row; ``line`` is room to work in."""
        np.take(self._lines, self._bounds.searchsorted(values), axis=0, out=line, mode="clip")
        remaining &= line


class _Flags:
    """Columns of one bound each, such as those of categories: few of a row are above it."""

    def __init__(self, nodes: Numbers, shape: tuple[int, ...]) -> None:
        columns, at = np.unique(nodes[:, _COLUMN], return_inverse=True)
        self._columns = columns.astype(np.intp)
        self._bounds = np.empty(len(columns))
        self._bounds[at] = nodes[:, _BOUND]
        self.lines = _all(2 * len(columns) + 1, shape)
        _rule_out(self.lines, at, nodes)
        stops = nodes[:, _MISSING_PASSES] == 0
        _rule_out(self.lines, len(columns) + at[stops], nodes[stops])

    def of(self, dense: Dense) -> Indices:
        """Return (most of a row, rows): the lines of each row."""
        values = dense.take(self._columns, axis=1)
        # the flat positions of few flags are found sooner than their rows and columns
        rows, at = np.divmod(np.flatnonzero(~(values <= self._bounds)), len(self._columns))
        at += len(self._columns) * np.isnan(values[rows, at])
        counts = np.bincount(rows, minlength=len(dense))
        place = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        lines = np.full((counts.max(initial=0), len(dense)), len(self.lines) - 1)
        lines[place, rows] = at
        return lines

    def rule_out(self, remaining: Words, flags: Indices, line: Words) -> None:
        """Narrow what remains of each row; ``line`` is room to work in."""
        for at in flags:
            np.take(self.lines, at, axis=0, out=line, mode="clip")
            remaining &= line


def _all(lines: int, shape: tuple[int, ...]) -> Words:
    """Return words that rule nothing out, with a bit for each leaf."""
    trees, most = shape
    word = np.dtype(f"u{max(8, 1 << (most - 1).bit_length()) // 8}")
    return np.full((lines, trees), np.iinfo(word).max, word)


def _rule_out(lines: Words, at: Indices, nodes: Numbers) -> None:
    """Take from these lines what the nodes rule out."""
    tree, first, end = nodes[:, _TREE:].astype(np.uint64).T
    ruled_out = ((np.uint64(1) << (end - first)) - np.uint64(1)) << first
    np.bitwise_and.at(lines, (at, tree.astype(np.intp)), (~ruled_out).astype(lines.dtype))
