"""How far a step is, for whoever reads its log."""

import time

_SECONDS_BETWEEN_LINES = 5.0


def log_progress(line: str) -> None:
    """Write one line to the log and flush it."""
    print(line, flush=True)  # noqa: T201 - a step's log is its standard output


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
            log_progress(f"{self._doing} {self.rows:,} rows, now at {where}")

    def end(self) -> None:
        """Log the number of rows and the seconds that they took."""
        log_progress(f"{self._doing} {self.rows:,} rows in {time.monotonic() - self._began:.1f} s")
