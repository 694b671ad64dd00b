"""Anonymous shared memory for the counters of one worker; it outlives the worker.

The supervisor allocates it before it forks, without numpy and without the layout of the model.
Pages that are never written take no memory, so one generous size fits every model.
"""

import mmap
import time
from enum import IntEnum
from typing import Final, Self

_BYTES: Final = 64 << 20
_WORD: Final = 8
HEADER_WORDS: Final = 16


class Word(IntEnum):
    """Indices of the 8-byte header words; each is written by a single, atomic store."""

    EPOCH = 0
    """Number of commits; its parity selects the current half of the double buffer."""
    ROWS = 1
    """Total number of records written to the ring of rows."""
    REQUESTS = 2
    """Total number of records written to the ring of requests."""
    LABELS = 3
    """Total number of records written to the ring of labels."""
    OLDER_VERSIONS = 4
    """Number of older versions named by feedback."""
    READY = 5
    """1 after the self-check has passed; the supervisor clears it when the worker ends."""
    STARTED = 6
    """Start of counting, in nanoseconds since the epoch."""
    DEATHS = 7
    """Number of unexpected ends of the worker; written by the supervisor only."""


class SharedMemory:
    """The counters and rings of one worker, shared with the supervisor and the other workers."""

    def __init__(self, buffer: mmap.mmap) -> None:
        self.buffer = buffer
        self.words: memoryview = memoryview(buffer).cast("q")
        """The same memory as 8-byte integers; storing an item is atomic."""

    @classmethod
    def create(cls, size: int = _BYTES) -> Self:
        """Allocate zeroed memory; processes forked afterwards share it."""
        memory = cls(mmap.mmap(-1, size))
        memory.words[Word.STARTED] = time.time_ns()
        return memory

    @property
    def ready(self) -> bool:
        """Whether the worker has passed its self-check."""
        return bool(self.words[Word.READY])

    @ready.setter
    def ready(self, ready: bool) -> None:
        self.words[Word.READY] = int(ready)

    @property
    def deaths(self) -> int:
        """Number of times that the worker ended unexpectedly after the server was ready."""
        return self.words[Word.DEATHS]

    def count_death(self) -> None:
        """Count one unexpected end of the worker."""
        self.words[Word.DEATHS] += 1

    @property
    def started(self) -> float:
        """Start of counting, in seconds since the epoch."""
        return self.words[Word.STARTED] / 1e9

    @property
    def bytes(self) -> int:
        """Size in bytes."""
        return len(self.words) * _WORD
