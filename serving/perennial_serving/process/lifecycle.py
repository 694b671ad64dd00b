"""What outlives a worker: the pipe to its supervisor, its number of connections, and the drain."""

import mmap
import os
from dataclasses import dataclass
from typing import Final

_UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class DrainLimits:
    """Limits of the time from SIGTERM to the end, in seconds."""

    shortest: float
    """New connections are accepted at least for this time, but never beyond the longest."""
    longest: float
    """Open connections are closed after this time."""


class ParentPipe:
    """A pipe without data: workers read its end when the process that opened it ends.

    Processes forked after it is opened inherit both ends.
    """

    def __init__(self) -> None:
        self.read_end, self._write_end = os.pipe()

    def close_write_end(self) -> None:
        """Close the inherited write end, as every worker must."""
        os.close(self._write_end)


class ConnectionCounts:
    """Open connections per worker, in shared memory; the supervisor reads them to drain.

    Processes forked afterwards share the memory.
    """

    def __init__(self, workers: int) -> None:
        self._counts: memoryview = memoryview(mmap.mmap(-1, workers * 8)).cast("q")
        for worker in range(workers):
            self.reset(worker)

    def set(self, worker: int, connections: int) -> None:
        """Set the number of open connections of a draining worker."""
        self._counts[worker] = connections

    def reset(self, worker: int) -> None:
        """Mark the number as unknown, for a worker that has only started."""
        self._counts[worker] = _UNKNOWN

    @property
    def all_closed(self) -> bool:
        """Whether all workers drain and none has an open connection."""
        return not any(self._counts)
