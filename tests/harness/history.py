"""What happened to objects of a namespace, in order: recorded while a test does something."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.api import Manifest
from harness.following import following
from harness.kubectl import Kubectl


@dataclass(frozen=True)
class Event:
    """One state of an object, and when it was seen, in monotonic time."""

    at: float
    type: str
    object: Manifest


@dataclass
class History:
    """What was seen so far."""

    events: list[Event] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """Why the record is not complete."""

    def of(self, kind: str) -> list[Event]:
        """Return what happened to the objects of a kind."""
        return [event for event in [*self.events] if event.object["kind"] == kind]

    def first(self, kind: str, holds: Callable[[Event], bool]) -> float:
        """Return when something held of an object for the first time."""
        return next(event.at for event in self.of(kind) if holds(event))


@contextmanager
def recording(kubectl: Kubectl, *kinds: str) -> Iterator[History]:
    """Record every state of the objects of these kinds in the namespace."""
    history = History()

    def record(event: str, manifest: Manifest) -> None:
        history.events.append(Event(time.monotonic(), event, manifest))

    with following(kubectl, kinds, record, history.gaps.append):
        yield history
