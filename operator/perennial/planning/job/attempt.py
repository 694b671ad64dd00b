"""One attempt at a piece of work: a Job, as far as a plan depends on it."""

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
    """Only a change of the spec helps; otherwise the cause may pass by itself."""
    quality: QualityReport | None = None


@dataclass(frozen=True, slots=True)
class Attempt(Generic[R]):
    """One Job; with neither a report nor a failure it is still at work."""

    name: str
    uid: str
    """Empty until the API server has created the Job."""
    number: int
    """Counts the attempts at the same work, from 1."""
    created: datetime
    request: str
    """The inputs that the work began with, as its annotation has them."""
    settings: str
    """Digest of the settings that the user gave for Jobs."""
    template: str
    """Digest of the pod template."""
    has_pod: bool = True
    over: bool = False
    """The Job controller has finished with it: no pod of it can start any more."""
    report: R | None = None
    failure: Failure | None = None
    blocker: Blocker | None = None
    ended: datetime | None = None
