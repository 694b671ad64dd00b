"""How far a step is, for whoever reads its log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_SECONDS_BETWEEN_LINES = 5.0


def say(line: str) -> None:
    """Write one line that is seen at once."""
    print(line, flush=True)  # noqa: T201 - a step's log is its standard output


@contextmanager
def timed(doing: str) -> Iterator[None]:
    """Say how long a part of a step took: by the clock, and of the processor."""
    began, used = time.monotonic(), time.process_time()
    yield
    seconds, of_processor = time.monotonic() - began, time.process_time() - used
    say(f"{doing}: {seconds:.1f} s, {of_processor:.1f} s of processor")


class Progress:
    """Counts rows, and says so every few seconds."""

    def __init__(self, doing: str) -> None:
        """Name what is done to the rows, such as "read"."""
        self.rows = 0
        self._doing = doing
        self._began = self._said = time.monotonic()

    def add(self, rows: int, where: str) -> None:
        """Count further rows."""
        self.rows += rows
        now = time.monotonic()
        if now - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = now
            say(f"{self._doing} {self.rows:,} rows, now at {where}")

    def end(self) -> None:
        """Say how many rows there were, and how long it took."""
        say(f"{self._doing} {self.rows:,} rows in {time.monotonic() - self._began:.1f} s")
