"""The totals of one worker, kept twice: one half is current, the other half is being written.

A commit is one atomic store of 8 bytes, the epoch, which makes the other half current. A worker
that dies before the store has changed nothing; one that dies after it has changed everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Self

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.layout import Layout
from perennial_serving.counters.older_versions import NAMES_END
from perennial_serving.counters.shared_memory import SharedMemory, Word


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts and sums, in the order of the layout."""

    counts: NDArray[np.int64]
    sums: NDArray[np.float64]

    @classmethod
    def empty(cls, layout: Layout) -> Self:
        """Return totals of zero."""
        return cls(np.zeros(layout.integers, np.int64), np.zeros(layout.floats))

    def copy_to(self, other: "Totals") -> None:
        """Copy these totals into others."""
        np.copyto(other.counts, self.counts)
        np.copyto(other.sums, self.sums)

    def add(self, other: "Totals") -> None:
        """Add other totals to these."""
        np.add(self.counts, other.counts, out=self.counts)
        np.add(self.sums, other.sums, out=self.sums)


class DoubleBuffer:
    """The two halves in the shared memory of one worker."""

    def __init__(self, layout: Layout, memory: SharedMemory) -> None:
        size = (layout.integers + layout.floats) * 8
        self.end = NAMES_END + 2 * size
        """First byte after both halves."""
        self._words = memory.words
        self._halves = (
            _totals(layout, memory, NAMES_END),
            _totals(layout, memory, NAMES_END + size),
        )

    @property
    def current(self) -> Totals:
        """The half that readers see."""
        return self._halves[self._words[Word.EPOCH] & 1]

    @property
    def spare(self) -> Totals:
        """The half that may be written."""
        return self._halves[(self._words[Word.EPOCH] + 1) & 1]

    def commit(self) -> None:
        """Make the spare half current."""
        self._words[Word.EPOCH] = self._words[Word.EPOCH] + 1

    def read(self) -> Totals:
        """Return a copy of the current half, also while its worker goes on counting."""
        while True:
            epoch = self._words[Word.EPOCH]
            totals = self._halves[epoch & 1]
            copied = Totals(totals.counts.copy(), totals.sums.copy())
            # after another commit the worker may already be writing this half
            if self._words[Word.EPOCH] == epoch:
                return copied


def summed(parts: Sequence[Totals]) -> Totals:
    """Return the sum over all workers."""
    return Totals(
        reduce(np.add, (totals.counts for totals in parts)),
        reduce(np.add, (totals.sums for totals in parts)),
    )


def _totals(layout: Layout, memory: SharedMemory, start: int) -> Totals:
    floats = start + layout.integers * 8
    return Totals(
        np.frombuffer(memory.buffer, np.int64, layout.integers, start),
        np.frombuffer(memory.buffer, np.float64, layout.floats, floats),
    )
