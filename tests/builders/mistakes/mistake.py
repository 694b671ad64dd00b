"""What a mistake is: how it is made, what is said of it, and how it is cured."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.team import Team

Act = Callable[[Team], object]


@dataclass(frozen=True)
class Mistake:
    """One mistake in a team's namespace, and the object that tells of it."""

    title: str
    kind: str
    name: str
    reason: str
    words: tuple[str, ...]
    make: Act
    cure: Act | None = None
    """Removes the cause and touches nothing else; absent where the spec is the cause."""
