"""Hashes of recent rows of all workers of a pod, to detect a feed that repeats itself.

A direct-mapped table of 262,144 hashes. A repetition among the last hundred thousand rows is found
with high probability; older rows are forgotten. Races between workers are harmless: a slot holds
one hash or the other, and the worst result is a repetition that is not found.
"""

import mmap

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class RecentRows:
    """A table of 64-bit hashes in shared memory."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._hashes: Hashes = np.frombuffer(memory, np.uint64)
        self._last = np.uint64(len(self._hashes) - 1)  # a power of two less one

    def repeats(self, hashes: Hashes) -> int:
        """Return the number of rows equal to a remembered row or to another of these rows."""
        ordered = np.sort(hashes)
        known = self._hashes[ordered & self._last] == ordered
        known[1:] |= ordered[1:] == ordered[:-1]
        return int(np.count_nonzero(known))

    def remember(self, hashes: Hashes) -> None:
        """Remember rows; called after they are counted, so that a recount never finds itself."""
        self._hashes[hashes & self._last] = hashes
