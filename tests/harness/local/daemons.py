"""The cluster's long-running programs, all of which live in its network namespace."""

from pathlib import Path

from harness.local import network, places
from harness.processes import Daemon


def daemon(name: str, *argv: str | Path) -> Daemon:
    """Return a program of the cluster."""
    return Daemon(name, tuple(network.inside(argv)), places.state())
