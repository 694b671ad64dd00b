"""Lines in the log of a step: what it does, and how long it takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_SECONDS_BETWEEN_LINES = 5.0


def log_progress(line: str) -> None:
    """Write one line to the log and flush it."""
    print(line, flush=True)  # noqa: T201 - a step's log is its standard output


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Log the seconds that the block took, by the wall clock, unless it fails."""
    start = time.monotonic()
    yield
    log_progress(f"{name}: {time.monotonic() - start:.1f} s")


class Progress:
    """Counts rows, and logs their number every few seconds."""

    def __init__(self, activity: str) -> None:
        """Start at 0 rows; the activity is a past participle such as "read"."""
        self.rows = 0
        self._activity = activity
        self._start = self._last_line = time.monotonic()

    def add(self, rows: int, file: str) -> None:
        """Count further rows, which come from this file."""
        self.rows += rows
        now = time.monotonic()
        if now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = now
            log_progress(f"{self._activity} {self.rows:,} rows, now at {file}")

    def end(self) -> None:
        """Log the number of rows and the seconds that they took."""
        seconds = time.monotonic() - self._start
        log_progress(f"{self._activity} {self.rows:,} rows in {seconds:.1f} s")
