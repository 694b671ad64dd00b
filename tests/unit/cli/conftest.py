import pytest

from perennial.cli import waiting


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Wait in no time."""
    made = Clock()
    monkeypatch.setattr(waiting, "time", made)
    return made
