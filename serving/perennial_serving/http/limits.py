"""How much, how many and how long: what one connection may ask of the process."""

from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 16 << 10
"""A head of this length is taken; one of twice this length never is."""
HEADERS: Final = 100
"""Most header lines with different names."""
TARGET_BYTES: Final = 8 << 10
"""Longest target of a request."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of a worker; seconds are counted from the last step that was completed."""

    connections: int = 1024
    """Most connections at a time; who comes later is told 503."""
    body_bytes: int = 8 << 20
    """Longest body."""
    header_seconds: float = 10.0
    """How long a head may take to arrive, and the first byte of the first one."""
    body_seconds: float = 30.0
    """How long a body may take to arrive, and an answer to be read."""
    idle_seconds: float = 620.0
    """How long a connection may wait for its next request."""
