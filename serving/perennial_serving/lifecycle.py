"""Where the process stands: proving itself, serving, or draining."""

import secrets
from dataclasses import dataclass, field


@dataclass(slots=True)
class Lifecycle:
    """Written by the process, read by every answer."""

    verified: bool = False
    """Whether the sample rows were answered as they must be."""
    draining: bool = False
    """Whether the process was asked to end."""
    pass_phrase: str = field(default_factory=lambda: secrets.token_hex(16))
    """Tells the server's own check from callers, who must wait until it has passed."""

    @property
    def ready(self) -> bool:
        """Whether new callers are welcome."""
        return self.verified and not self.draining
