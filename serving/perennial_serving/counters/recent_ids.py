"""The last million prediction ids that came with a label: whichever worker took them.

65,536 buckets of 32 words: a cursor, then the last 31 ids of the bucket. An id that is a million
labels old is still known with a probability of 0.9999; younger ones practically always.

A lock that the kernel frees when its holder dies keeps two workers from taking one id at once; a
table without one could count a label twice, a lock in shared memory could outlive its holder.
"""

import fcntl
import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Self

_BUCKETS: Final = 1 << 16
_WAYS: Final = 32
_AT_ONCE: Final = 256
_BYTES: Final = _BUCKETS * _WAYS * 8


class RecentIds:
    """A set of 64-bit hashes that forgets the oldest; they must be uniform, as a MAC's are."""

    def __init__(self, memory: mmap.mmap, lock: int) -> None:
        """Look at shared memory, guarded by locks on a file descriptor."""
        self._words = memoryview(memory).cast("Q")
        self._lock = lock
        # record locks hold between processes alone: threads of one need their own
        self._threads = threading.Lock()

    @classmethod
    def create(cls) -> Self:
        """Make an empty set; processes forked from here on share it."""
        return cls(mmap.mmap(-1, _BYTES), os.memfd_create("perennial-ids"))

    def claim(self, hashes: Sequence[int]) -> list[bool]:
        """Remember each hash; say of each whether it is new."""
        are_new: list[bool] = []
        for start in range(0, len(hashes), _AT_ONCE):  # meanwhile the other workers wait
            with self._locked():
                are_new += [self._claim(one or 1) for one in hashes[start : start + _AT_ONCE]]
        return are_new

    def _claim(self, one: int) -> bool:
        words, start = self._words, (one % _BUCKETS) * _WAYS
        cursor, *known = words[start : start + _WAYS].tolist()
        if one in known:
            return False
        words[start + 1 + cursor % (_WAYS - 1)] = one
        words[start] = cursor + 1
        return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._threads:
            fcntl.lockf(self._lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._lock, fcntl.LOCK_UN)
