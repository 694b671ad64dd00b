"""What a plan is made of: every effect the operator can have, as data."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Literal, TypeVar

from perennial.api.manifest import Manifest
from perennial.api.schema import Status

S = TypeVar("S", bound=Status)


@dataclass(frozen=True, slots=True)
class Apply:
    """Make the cluster hold this object, by server-side apply."""

    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Create:
    """Make this object unless its name exists already: for what never changes afterwards."""

    manifest: Manifest


@dataclass(frozen=True, slots=True)
class CreateKey:
    """Make this Secret with a random key in it unless its name exists: nobody reads it back."""

    manifest: Manifest
    entry: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove this very object: the uid guards against its namesake."""

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
    """The way from what was observed to what is wanted: actions in order, then the status."""

    status: S
    actions: tuple[Action, ...] = ()
    requeue_after: timedelta | None = None


def soonest(*waits: timedelta | None) -> timedelta | None:
    """Return the shortest wait; None waits for nothing but events."""
    return min((wait for wait in waits if wait is not None), default=None)
