"""What windows of the training rows' own blocks of time show, for the profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perennial.artifacts.profile import (
    AnswerProfile,
    ByTime,
    CategoryProfile,
    LargestShares,
    NumberProfile,
    WindowProfile,
)
from perennial.statistics.components import Components, Kind, padded
from perennial.statistics.pseudo_windows import PseudoWindows, rows_outside, rows_unseen
from perennial.statistics.table import TableNull
from perennial.statistics.time_blocks import TimeBlocks

Floats = NDArray[np.float64]

PSEUDO_WINDOWS: Final = 400
_DIGITS: Final = 6
_SEED: Final = 0  # equal rows give equal files


@dataclass(frozen=True, slots=True)
class Counted:
    """One input or answer in the rows that have a time.

    `by_block` (blocks, bins) are its counts. `numbers` may hold NaN, `codes` of texts -1; an
    answer has neither, since none of its values is new.
    """

    kind: Kind
    by_block: Floats
    numbers: Floats | None = None
    codes: NDArray[np.int64] | None = None

    def new(self, block: NDArray[np.int64], windows: PseudoWindows) -> Floats:
        """Return the rows of each drawn block whose values no other block has."""
        if self.numbers is not None:
            return rows_outside(self.numbers, block, windows)
        if self.codes is not None:
            return rows_unseen(self.codes, block, windows)
        return np.zeros(windows.drawn.shape)


def counted_number(profile: NumberProfile, cells: pd.Series, blocks: TimeBlocks) -> Counted:
    """Return a numeric input by block."""
    values = cells.to_numpy(dtype=np.float64)
    by_block = _by_block(profile.bins_of(values), len(profile.bins), blocks)
    return Counted(Kind.NUMBER, by_block, numbers=values[blocks.of_row >= 0])


def counted_category(profile: CategoryProfile, cells: pd.Series, blocks: TimeBlocks) -> Counted:
    """Return an input of texts by block; every value of the training rows is known."""
    codes, texts = pd.factorize(cells)
    bins = profile.bins_of_codes(tuple(map(str, texts)))
    chosen = np.where(codes < 0, len(profile.bins) - 1, bins[codes])
    by_block = _by_block(chosen, len(profile.bins), blocks)
    return Counted(Kind.CATEGORY, by_block, codes=codes[blocks.of_row >= 0].astype(np.int64))


def counted_answer(profile: AnswerProfile, values: Floats, blocks: TimeBlocks) -> Counted:
    """Return an answer by block."""
    bins = np.searchsorted(np.array(profile.edges), values)
    return Counted(Kind.ANSWER, _by_block(bins, len(profile.bins), blocks))


def by_time(counted: Sequence[Counted], blocks: TimeBlocks) -> ByTime:
    """Return the nulls of windows of all lengths that the blocks allow."""
    block = blocks.of_row[blocks.of_row >= 0]
    return ByTime(
        seconds=blocks.seconds,
        blocks=blocks.number,
        windows=tuple(_window(counted, blocks, block, length) for length in blocks.lengths()),
    )


def largest_shares(counted: Counted, blocks: TimeBlocks) -> LargestShares:
    """Return the largest shares of missing, new and equal values in one block."""
    rows = counted.by_block.sum(axis=1)
    known = counted.by_block[:, :-1]
    each = PseudoWindows(np.arange(blocks.number)[:, None], blocks.number)
    new = counted.new(blocks.of_row[blocks.of_row >= 0], each)[:, 0]
    top = known.max(axis=1) / np.maximum(known.sum(axis=1), 1)
    return LargestShares(
        missing=_rounded((counted.by_block[:, -1] / rows).max()),
        new=_rounded((new / rows).max()),
        top=_rounded(top.max()),
    )


def _window(
    counted: Sequence[Counted], blocks: TimeBlocks, block: NDArray[np.int64], length: int
) -> WindowProfile:
    drawn = PseudoWindows.of(
        blocks.number, length, PSEUDO_WINDOWS, runs=blocks.runs, seed=_SEED + length
    )
    every = padded([each.by_block for each in counted])
    rows = float(every[0].sum()) / blocks.number * length
    totals = [each.by_block.sum(axis=0) for each in counted]
    components = Components.of([each.kind for each in counted], totals, rows)
    new = np.stack([each.new(block, drawn) for each in counted])
    null = TableNull.fitted(components, every, drawn, new)
    return WindowProfile.model_validate(
        {
            "blocks": length,
            "rows": _rounded(null.window.rows),
            "scale": _lists(null.window.scale),
            "degrees": _lists(null.window.degrees),
            "dispersion": _lists(null.window.dispersion),
            "rare_dispersion": _lists(null.window.rare_dispersion),
            "statistics": [_rounded(each) for each in null.statistics],
        }
    )


def _by_block(bins: NDArray[np.intp], length: int, blocks: TimeBlocks) -> Floats:
    has_time = blocks.of_row >= 0
    flat = blocks.of_row[has_time] * length + bins[has_time]
    counts = np.bincount(flat, minlength=blocks.number * length)
    return counts.reshape(blocks.number, length).astype(np.float64)


def _lists(numbers: Floats) -> list[list[float]]:
    return [[_rounded(each) for each in line] for line in numbers.tolist()]


def _rounded(number: float) -> float:
    """Return the number with six digits, which is more than it is worth."""
    return float(f"{number:.{_DIGITS}g}")
