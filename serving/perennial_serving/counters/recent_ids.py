"""The last million prediction ids that received a label, shared by all workers.

65,536 buckets of 32 words: a cursor, then the last 31 ids of the bucket. An id that is a million
labels old is still known with a probability of 0.9999, a younger one practically always.

A record lock keeps two workers from claiming the same id, which would count a label twice. The
kernel releases it when its holder dies; a lock in shared memory would stay locked.
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
    """A set of uniform 64-bit hashes that forgets the oldest."""

    def __init__(self, memory: mmap.mmap, lock: int) -> None:
        self._words = memoryview(memory).cast("Q")
        self._lock = lock
        # record locks exclude other processes only: threads of this one need their own
        self._threads = threading.Lock()

    @classmethod
    def create(cls) -> Self:
        """Allocate an empty set; processes forked afterwards share it."""
        return cls(mmap.mmap(-1, _BYTES), os.memfd_create("perennial-ids"))

    def claim(self, hashes: Sequence[int]) -> list[bool]:
        """Remember each hash; return for each whether it is new."""
        are_new: list[bool] = []
        for start in range(0, len(hashes), _AT_ONCE):  # other workers wait meanwhile
            with self._locked():
                are_new += [self._claim(hash_ or 1) for hash_ in hashes[start : start + _AT_ONCE]]
        return are_new

    def _claim(self, hash_: int) -> bool:
        words, start = self._words, (hash_ % _BUCKETS) * _WAYS
        cursor, *known = words[start : start + _WAYS].tolist()
        if hash_ in known:
            return False
        words[start + 1 + cursor % (_WAYS - 1)] = hash_
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
