"""The rows that the workers of a pod answered lately, to notice a feed that repeats itself.

A table of hashes, each row in the one place that its hash names: of 262,144 places, an equal row
among the last hundred thousand is mostly noticed, much older ones are forgotten. Races between
workers are harmless: a place holds one hash or another, and what is lost is a repetition unseen.
"""

import mmap

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class RecentRows:
    """A table of 64-bit hashes in shared memory."""

    def __init__(self, memory: mmap.mmap) -> None:
        """Look at memory that other workers use as well."""
        self._hashes: Hashes = np.frombuffer(memory, np.uint64)
        self._last = np.uint64(len(self._hashes) - 1)  # a power of two less one

    def repeats(self, hashes: Hashes) -> int:
        """Return how many rows equal an earlier one, of before or among themselves."""
        ordered = np.sort(hashes)
        known = self._hashes[ordered & self._last] == ordered
        known[1:] |= ordered[1:] == ordered[:-1]
        return int(np.count_nonzero(known))

    def remember(self, hashes: Hashes) -> None:
        """Take note of rows: after they are counted, so that a recount never meets itself."""
        self._hashes[hashes & self._last] = hashes
