"""The memory of one worker that outlives it: made before the fork, kept by the supervisor.

Plain standard library: the supervisor needs neither numpy nor the model's layout. What is never
written to takes no memory, so that one generous size fits every model.
"""

import mmap
import time
from enum import IntEnum
from typing import Final, Self

_BYTES: Final = 64 << 20
_WORD: Final = 8
HEADER_WORDS: Final = 16


class Word(IntEnum):
    """Positions of the words at the front; each is written by one store, whole or not at all."""

    EPOCH = 0
    """Number of commits; the bank that counts is the one of its parity."""
    ROWS = 1
    """Rows that were ever written to the ring of rows."""
    REQUESTS = 2
    """Requests that were ever written to the ring of requests."""
    LABELS = 3
    """Labels that were ever written to the ring of labels."""
    OLDER_VERSIONS = 4
    """Number of older versions that feedback has named."""
    READY = 5
    """1 once the worker has proved itself; the supervisor clears it when the worker ends."""
    STARTED = 6
    """Nanoseconds of 1970 when the slab was made: counts are of the time since."""


class Slab:
    """Counts and rings of one worker, in memory that is shared with the supervisor."""

    def __init__(self, memory: mmap.mmap) -> None:
        """Look at memory that holds a slab already."""
        self.memory = memory
        self.words: memoryview = memoryview(memory).cast("q")
        """The same memory as 8-byte integers; an item is stored at once."""

    @classmethod
    def create(cls, size: int = _BYTES) -> Self:
        """Make an empty slab; processes forked from here on share it."""
        slab = cls(mmap.mmap(-1, size))
        slab.words[Word.STARTED] = time.time_ns()
        return slab

    @property
    def ready(self) -> bool:
        """Whether the worker has proved itself."""
        return bool(self.words[Word.READY])

    @ready.setter
    def ready(self, ready: bool) -> None:
        self.words[Word.READY] = int(ready)

    @property
    def started(self) -> float:
        """When counting began, in seconds of 1970."""
        return self.words[Word.STARTED] / 1e9

    @property
    def bytes(self) -> int:
        """Size of the memory."""
        return len(self.words) * _WORD
