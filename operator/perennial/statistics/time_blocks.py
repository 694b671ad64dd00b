"""Blocks of time that a reference is counted in, and the windows that they allow."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.pseudo_windows import DAY, LEAST_REFERENCES
from perennial.statistics.verdict import FloatArray, IntArray

SECONDS: Final = (
    *(1, 5, 10, 30),
    *(60, 300, 900),
    *(3600, 10_800, 21_600),
    *(86_400, 604_800),
)
"""Lengths of blocks: 1s 5s 10s 30s 1m 5m 15m 1h 3h 6h 1d 7d."""
LEAST_ROWS: Final = 500
LEAST_ANSWERS: Final = 100  # held-out rows are few; one answer has few bins
LEAST_BLOCKS, MOST_BLOCKS = 30, 1440
_LENGTHS: Final = (1, 2, 3, 7)


@dataclass(frozen=True, slots=True)
class TimeBlocks:
    """The block of each row, (rows,): -1 where the time is missing; blocks without rows are none.

    `starts` (blocks,) are seconds since 1970.
    """

    seconds: int
    of_row: IntArray
    starts: FloatArray

    @property
    def number(self) -> int:
        """The number of blocks."""
        return len(self.starts)

    @property
    def runs(self) -> bool:
        """Whether pseudo-windows have to be consecutive blocks."""
        return self.seconds < DAY

    def lengths(self) -> list[int]:
        """Return the lengths of windows in blocks, up to a sixth of the reference.

        1, 2, 3, 7, 14, 28 and so on; and a day and a week where blocks are shorter than a day.
        """
        most = self.number // LEAST_REFERENCES
        doubled = [7 * 2**power for power in range(1, 12)]
        usual = [int(span // self.seconds) for span in (DAY, 7 * DAY) if span > self.seconds]
        return sorted({n for n in (*_LENGTHS, *doubled, *usual) if n <= most})


def time_blocks(times: FloatArray, least_rows: int = LEAST_ROWS) -> TimeBlocks | None:
    """Return the shortest blocks with a median of `least_rows`, or None if there are none.

    `times` (rows,) are seconds since 1970 or NaN. The reference must have 30 to 1,440 blocks.
    """
    is_known = ~np.isnan(times)
    for seconds in SECONDS:
        numbers = np.floor(times[is_known] / seconds)
        if not len(numbers) or numbers.max() - numbers.min() < LEAST_BLOCKS - 1:
            return None
        found, block, rows = np.unique(numbers, return_inverse=True, return_counts=True)
        if len(found) > MOST_BLOCKS or np.median(rows) < least_rows:
            continue
        if len(found) < LEAST_BLOCKS:
            return None
        of_row = np.full(len(times), -1, dtype=np.int64)
        of_row[is_known] = block
        return TimeBlocks(seconds, of_row, np.asarray(found * seconds, dtype=np.float64))
    return None
