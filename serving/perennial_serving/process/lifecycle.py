"""What outlives a worker of the server: a lifeline to its parent, and a board of connections."""

import mmap
import os
from typing import Final

_UNKNOWN: Final = -1


class Lifeline:
    """A pipe that nobody writes to: workers see it end with the process that made it."""

    def __init__(self) -> None:
        """Open it; processes forked from here on hold it as well."""
        self.end, self._held = os.pipe()

    def let_go(self) -> None:
        """Hold it no longer, as a worker must not."""
        os.close(self._held)


class Board:
    """How many are connected to each worker, in memory that the supervisor reads at the end."""

    def __init__(self, workers: int) -> None:
        """Make the memory; processes forked from here on share it."""
        self._cells: memoryview = memoryview(mmap.mmap(-1, workers * 8)).cast("q")
        for worker in range(workers):
            self.forget(worker)

    def show(self, worker: int, connected: int) -> None:
        """Tell how many are connected; a worker that drains does so."""
        self._cells[worker] = connected

    def forget(self, worker: int) -> None:
        """Know nothing of a worker, such as one that has only begun."""
        self._cells[worker] = _UNKNOWN

    @property
    def deserted(self) -> bool:
        """Whether all workers drain and nobody is connected to any."""
        return not any(self._cells)
