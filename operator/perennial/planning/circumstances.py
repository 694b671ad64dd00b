"""What besides an object's own spec decides whether a Job of it begins now."""

from datetime import datetime
from typing import Protocol

from perennial.api.configuration import Configuration


class Circumstances(Protocol):
    """The part that all observations of kinds with Jobs have in common."""

    @property
    def namespace(self) -> str:
        """Return where Jobs run."""

    @property
    def configuration(self) -> Configuration:
        """Return what the administrator allows and prefers."""

    @property
    def free_slots(self) -> int:
        """Return how many more Jobs the namespace may run at once."""

    @property
    def now(self) -> datetime:
        """Return the time."""
