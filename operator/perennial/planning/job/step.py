"""What one look at an object leads to, before it is put together with what was so before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from perennial.api.conditions import Findings
from perennial.api.configuration import Configuration
from perennial.planning.job.attempt import Run
from perennial.planning.plan import Action


@dataclass(frozen=True, slots=True)
class Turn:
    """What is found, and what is to be done about it."""

    findings: Findings
    actions: tuple[Action, ...] = ()
    requeue_after: timedelta | None = None
    attempts: tuple[Run[Any], ...] | None = ()
    """Jobs at what is wanted now; None: that cannot be told, so no Job is superseded."""


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
