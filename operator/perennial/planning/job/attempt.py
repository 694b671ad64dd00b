"""One attempt of a Job at its task, as far as a plan depends on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from perennial.api.dataset import QualityReport
from perennial.api.schema import Status
from perennial.planning.pod.blocker import Blocker

R = TypeVar("R", bound=Status)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt ended without a result."""

    reason: str
    message: str
    at: datetime
    in_spec: bool = False
    """Only a change of the spec can cure it; else the cause may pass by itself."""
    quality: QualityReport | None = None


@dataclass(frozen=True, slots=True)
class Run(Generic[R]):
    """One Job; neither report nor failure means that it is still at work."""

    name: str
    uid: str
    attempt: int
    created: datetime
    request: str
    """What it was begun for, in the words of whoever began it."""
    settings: str
    """Identity of how the user wants it run."""
    template: str
    """Identity of its pod as we build it."""
    has_pod: bool = True
    over: bool = False
    """The Job controller is done with it: no pod of it can start any more."""
    report: R | None = None
    failure: Failure | None = None
    blocker: Blocker | None = None
    ended: datetime | None = None
