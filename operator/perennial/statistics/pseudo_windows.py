"""Windows without drift: whole blocks of the reference, compared with its other blocks.

Rows of one hour or day resemble each other, so windows differ naturally by more than independent
rows would. Blocks drawn from the reference itself show by how much.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.statistics.verdict import FloatArray, IntArray

LEAST_REFERENCES: Final = 6  # a window is at most a sixth of the reference
MOST_PARTS: Final = 7
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class PseudoWindows:
    """Blocks drawn for each pseudo-window, in order; `drawn` has the shape (windows, length)."""

    drawn: IntArray
    blocks: int

    @classmethod
    def of(
        cls, blocks: int, length: int, windows: int, *, runs: bool, seed: int
    ) -> "PseudoWindows":
        """Return pseudo-windows of `length` of the `blocks`, without replacement.

        `runs` takes consecutive blocks. It is needed where blocks are shorter than a day: hours
        of one day belong together, and scattered ones hide that.
        """
        if not 0 < length * LEAST_REFERENCES <= blocks:
            raise ValueError(
                f"a window of {length} blocks needs a reference of {length * LEAST_REFERENCES} "
                f"blocks or more, not {blocks}"
            )
        random = np.random.default_rng(seed)
        if runs:
            first = random.integers(0, blocks - length + 1, windows)
            return cls(first[:, None] + np.arange(length), blocks)
        order = np.argsort(random.random((windows, blocks)), axis=1)[:, :length]
        return cls(np.sort(order, axis=1), blocks)

    @property
    def parts(self) -> list[slice]:
        """The runs of blocks that are left out in turn, seven at most."""
        return parts_of(self.drawn.shape[1])

    def counts(self, by_block: FloatArray) -> FloatArray:
        """Return counts by part, (..., blocks, bins) to (..., windows, parts, bins)."""
        taken = [by_block[..., self.drawn[:, part], :].sum(axis=-2) for part in self.parts]
        return np.stack(taken, axis=-2)

    def by_part(self, of_drawn: FloatArray) -> FloatArray:
        """Return sums by part of numbers by drawn block, (windows, length) to (windows, parts)."""
        return np.stack([of_drawn[:, part].sum(axis=1) for part in self.parts], axis=1)


def parts_of(length: int) -> list[slice]:
    """Return consecutive parts of about equal lengths, seven at most."""
    ends = np.linspace(0, length, min(length, MOST_PARTS) + 1).round().astype(int).tolist()
    return [slice(first, last) for first, last in pairwise(ends)]


def rows_outside(values: FloatArray, block: IntArray, windows: PseudoWindows) -> FloatArray:
    """Return the rows of each drawn block outside the range of the blocks that were not drawn.

    `values` (rows,) may hold NaN, `block` (rows,) is the block of each; the result has the shape
    (windows, length). The reference's own range contains all of its rows, so without this a
    window out of range would never occur among pseudo-windows.
    """
    is_known = ~np.isnan(values)
    known, at = values[is_known], block[is_known]
    return _below(known, at, windows) + _below(-known, at, windows)


def _below(values: FloatArray, block: IntArray, windows: PseudoWindows) -> FloatArray:
    lowest = np.full(windows.blocks, np.inf)
    np.minimum.at(lowest, block, values)
    candidates = np.argsort(lowest, kind="stable")[: windows.drawn.shape[1] + 1]
    is_low = values < lowest[candidates[-1]]
    low, of_block = values[is_low], block[is_low]
    counts = np.zeros((len(candidates), windows.blocks))
    for number, candidate in enumerate(candidates):
        is_below = low < lowest[candidate]
        counts[number] = np.bincount(of_block[is_below], minlength=windows.blocks)
    is_drawn = (windows.drawn[:, None] == candidates[None, :, None]).any(axis=2)
    first_kept = np.argmin(is_drawn, axis=1)
    return np.asarray(counts[first_kept[:, None], windows.drawn])


def rows_unseen(codes: IntArray, block: IntArray, windows: PseudoWindows) -> FloatArray:
    """Return the rows of each drawn block whose value occurs in no block that was not drawn.

    `codes` (rows,) number the values, -1 where there is none; the result has the shape
    (windows, length).
    """
    is_known = codes >= 0
    pairs, rows = np.unique(
        np.stack([codes[is_known], block[is_known]]), axis=1, return_counts=True
    )
    blocks_of_value = np.bincount(pairs[0]) if pairs.size else np.zeros(0, dtype=np.int64)
    few = blocks_of_value[pairs[0]] <= windows.drawn.shape[1]
    return _only_there(pairs[:, few], rows[few], windows)


def _only_there(
    pairs: NDArray[np.int64], rows: NDArray[np.int64], windows: PseudoWindows
) -> FloatArray:
    found = np.zeros(windows.drawn.shape)
    if not pairs.size:
        return found
    values, number = np.unique(pairs[0], return_inverse=True)
    total = np.bincount(number, minlength=len(values))
    for at, drawn in enumerate(windows.drawn):
        position = np.full(windows.blocks, -1)
        position[drawn] = np.arange(len(drawn))
        place = position[pairs[1]]
        inside = place >= 0
        all_inside = np.bincount(number[inside], minlength=len(values)) == total
        counted = inside & all_inside[number]
        found[at] = np.bincount(place[counted], weights=rows[counted], minlength=len(drawn))
    return found
