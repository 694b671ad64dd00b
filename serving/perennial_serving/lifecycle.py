"""Where the process stands: proving itself, serving, or draining."""

import mmap
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

_UNKNOWN: Final = -1


@dataclass(slots=True)
class Lifecycle:
    """Written by one worker, read by every answer of it."""

    verified: bool = False
    """Whether the sample rows were answered as they must be."""
    draining: bool = False
    """Whether the process was asked to end."""
    pass_phrase: str = field(default_factory=lambda: secrets.token_hex(16))
    """Tells the server's own check from callers, who must wait until it has passed."""
    all_verified: Callable[[], bool] = field(default=lambda: True)
    """Whether the other workers have proved themselves as well."""

    @property
    def ready(self) -> bool:
        """Whether new callers are welcome."""
        return self.verified and not self.draining and self.all_verified()


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
