"""Limits of connections and requests: sizes, counts and timeouts."""

from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 16 << 10
"""A head of this length is accepted; one of twice this length never is."""
HEADERS: Final = 100
"""Largest number of distinct headers."""
TARGET_BYTES: Final = 8 << 10
"""Longest request target."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of a worker; each timeout starts at the last completed step."""

    connections: int = 1024
    """Most open connections; further ones get 503."""
    body_bytes: int = 8 << 20
    """Longest body, in bytes."""
    header_seconds: float = 10.0
    """Timeout for a head, and for the first byte of a new connection."""
    body_seconds: float = 30.0
    """Timeout for a body to arrive, and for a response to be read."""
    idle_seconds: float = 620.0
    """Timeout between two requests."""
