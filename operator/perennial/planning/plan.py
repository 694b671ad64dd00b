"""What a plan is made of: every effect the operator can have, as data."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Literal, TypeVar

from perennial.api.manifest import Manifest
from perennial.api.schema import Status

S = TypeVar("S", bound=Status)


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply this object server-side."""

    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Create:
    """Create this object unless its name is taken: for objects that never change afterwards."""

    manifest: Manifest


@dataclass(frozen=True, slots=True)
class CreateKey:
    """Create this Secret with a random key unless its name is taken; it is never read back."""

    manifest: Manifest
    entry: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete this object; the uid protects a new object of the same name."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class PostEvent:
    """Post a Kubernetes Event on the object itself."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


Action = Apply | Create | CreateKey | Delete | PostEvent


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """The way from the observed state to the desired one: actions in order, then the status."""

    status: S
    actions: tuple[Action, ...] = ()
    requeue_after: timedelta | None = None
    question: object | None = None
    """What is to be found out until the next look, where a watch does not tell it."""


def soonest(*waits: timedelta | None) -> timedelta | None:
    """Return the shortest wait; None means to wait for events only."""
    return min((wait for wait in waits if wait is not None), default=None)
