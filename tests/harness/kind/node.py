"""The container that is the node: whether it runs, and a process's way into its network."""

import ctypes
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from harness import programs
from harness.kind import engine, places
from harness.programs import HarnessError

CLONE_NEWNET = 0x40000000
COMPLETE = "/kind/perennial-complete"  # written when kind has finished


def runs() -> bool:
    """Tell whether the container runs."""
    found = engine.inspect(places.NODE)
    return bool(found and found["State"]["Running"])


def inside(argv: Sequence[str]) -> list[str]:
    """Return the command that runs this one in the node."""
    return ["docker", "exec", "--interactive", places.NODE, *argv]


def kubectl() -> list[str]:
    """Return the command of the node's own kubectl."""
    return inside(["kubectl", "--kubeconfig", places.ADMIN])


def is_complete() -> bool:
    """Tell whether kind finished what it began."""
    return programs.succeeds(inside(["test", "-e", COMPLETE]))


def mark_complete() -> None:
    """Remember in the node that kind has finished; the mark ends with the node."""
    programs.run(inside(["touch", COMPLETE]))


def network() -> Path:
    """Return the node's network namespace, for root on the machine whose kernel runs it."""
    found = engine.inspect(places.NODE)
    pid = found["State"]["Pid"] if found else 0
    process = Path(f"/proc/{pid}")
    if not (platform.system() == "Linux" and os.geteuid() == 0 and pid):
        raise HarnessError(f"only root on Linux can enter the network of {places.NODE}")
    name = programs.read_or_empty(process / "root/etc/hostname").decode().strip()
    if name != places.NODE:
        raise HarnessError("the container engine does not run on this machine's own kernel")
    return process / "ns/net"


def enter() -> None:
    """Move the calling thread into the node's network."""
    with network().open() as handle:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), places.NODE)
