"""Where the process stands: proving itself, serving, or draining."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Lifecycle:
    """Written by one worker, read by every answer of it."""

    verified: bool = False
    """Whether the sample rows were answered as they must be."""
    draining: bool = False
    """Whether the process was asked to end."""
    pass_phrase: str = field(default_factory=lambda: secrets.token_hex(16))
    """Tells the server's own check from callers, who must wait until it has passed."""
    all_verified: Callable[[], bool] = field(default=lambda: True)
    """Whether the other workers have proved themselves as well."""

    @property
    def ready(self) -> bool:
        """Whether new callers are welcome."""
        return self.verified and not self.draining and self.all_verified()
