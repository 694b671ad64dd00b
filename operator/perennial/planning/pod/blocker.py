"""What keeps a pod from starting or from answering."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Blocker:
    """A cause outside the pod's own work: once it is removed, the pod goes on by itself."""

    reason: str
    message: str
    """The cause, as the cluster reports it, and the remedy."""
    since: datetime
