"""The state of a worker: checking itself, serving, or draining."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Readiness:
    """Set by one worker, and read for each of its responses."""

    verified: bool = False
    """Whether the self-check has passed."""
    draining: bool = False
    """Whether the process has received SIGTERM."""
    self_check_token: str = field(default_factory=lambda: secrets.token_hex(16))
    """Identifies requests of the self-check; others are rejected until it has passed."""
    all_verified: Callable[[], bool] = field(default=lambda: True)
    """Whether the self-checks of all other workers have passed as well."""

    @property
    def ready(self) -> bool:
        """Whether the server accepts new clients."""
        return self.verified and not self.draining and self.all_verified()
