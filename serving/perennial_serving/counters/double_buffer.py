"""The counts of a slab: two banks, of which one counts and the other is being written.

A commit fills the other bank and then stores the epoch: one store of 8 bytes. A worker that ends
before it has changed nothing, one that ends behind it has changed everything.
"""

from dataclasses import dataclass
from functools import reduce
from typing import Self

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.layout import Layout
from perennial_serving.counters.older_versions import NAMES_END
from perennial_serving.counters.shared_memory import Slab, Word


@dataclass(frozen=True, slots=True)
class Bank:
    """Counts and sums, in the order of the layout."""

    counts: NDArray[np.int64]
    sums: NDArray[np.float64]

    @classmethod
    def empty(cls, layout: Layout) -> Self:
        """Return a bank of zeros."""
        return cls(np.zeros(layout.integers, np.int64), np.zeros(layout.floats))

    def copy_to(self, other: "Bank") -> None:
        """Make another bank equal to this one."""
        np.copyto(other.counts, self.counts)
        np.copyto(other.sums, self.sums)

    def add(self, other: "Bank") -> None:
        """Add the counts of another bank."""
        np.add(self.counts, other.counts, out=self.counts)
        np.add(self.sums, other.sums, out=self.sums)


class Banks:
    """The two banks of a slab."""

    def __init__(self, layout: Layout, slab: Slab) -> None:
        """Look at them."""
        size = (layout.integers + layout.floats) * 8
        self.end = NAMES_END + 2 * size
        """Where the banks end in the slab."""
        self._words = slab.words
        self._pair = (_bank(layout, slab, NAMES_END), _bank(layout, slab, NAMES_END + size))

    @property
    def counting(self) -> Bank:
        """The bank that counts."""
        return self._pair[self._words[Word.EPOCH] & 1]

    @property
    def other(self) -> Bank:
        """The bank that may be written."""
        return self._pair[(self._words[Word.EPOCH] + 1) & 1]

    def commit(self) -> None:
        """Let the other bank count."""
        self._words[Word.EPOCH] = self._words[Word.EPOCH] + 1

    def read(self) -> Bank:
        """Return a copy of the bank that counts, even while its worker goes on counting."""
        while True:
            epoch = self._words[Word.EPOCH]
            bank = self._pair[epoch & 1]
            copied = Bank(bank.counts.copy(), bank.sums.copy())
            # a commit later the worker may already write this bank
            if self._words[Word.EPOCH] == epoch:
                return copied


def total(banks: list[Bank]) -> Bank:
    """Return the counts of all workers together."""
    return Bank(
        reduce(np.add, (bank.counts for bank in banks)),
        reduce(np.add, (bank.sums for bank in banks)),
    )


def _bank(layout: Layout, slab: Slab, start: int) -> Bank:
    memory, floats = slab.memory, start + layout.integers * 8
    return Bank(
        np.frombuffer(memory, np.int64, layout.integers, start),
        np.frombuffer(memory, np.float64, layout.floats, floats),
    )
