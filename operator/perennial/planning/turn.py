"""What one look at an object leads to, before it is put together with what was so before."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from perennial.api.conditions import Findings
from perennial.planning.plan import Action
from perennial.planning.run import Run


@dataclass(frozen=True, slots=True)
class Turn:
    """What is found, and what is to be done about it."""

    findings: Findings
    actions: tuple[Action, ...] = ()
    look_again: timedelta | None = None
    attempts: tuple[Run[Any], ...] | None = ()
    """Jobs at what is wanted now; None: that cannot be told, so no Job is superseded."""


def soonest(*waits: timedelta | None) -> timedelta | None:
    """Return the shortest wait; None waits for nothing but events."""
    return min((wait for wait in waits if wait is not None), default=None)
