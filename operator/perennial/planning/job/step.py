"""What one look at an object with Jobs leads to, and what it depends on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from perennial.api.conditions import Findings
from perennial.api.configuration import Configuration
from perennial.planning.job.attempt import Attempt
from perennial.planning.plan import Action


@dataclass(frozen=True, slots=True)
class Step:
    """The findings and actions of one look; its owner merges them with the status so far."""

    findings: Findings
    actions: tuple[Action, ...] = ()
    requeue_after: timedelta | None = None
    attempts: tuple[Attempt[Any], ...] | None = ()
    """Attempts at the present work; None: it is not known, so no Job is superseded."""


class JobContext(Protocol):
    """The part that the observations of all kinds with Jobs have in common."""

    @property
    def namespace(self) -> str:
        """Return the namespace of the Jobs."""

    @property
    def configuration(self) -> Configuration:
        """Return the administrator's configuration."""

    @property
    def free_slots(self) -> int:
        """Return how many more Jobs the namespace may run at once."""

    @property
    def now(self) -> datetime:
        """Return the time."""
