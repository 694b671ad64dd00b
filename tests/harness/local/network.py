"""The network namespace that holds the whole cluster; no packet can leave it.

Entered with `nsenter`: `ip netns exec` remounts /sys and hides the cgroups from the kubelet.
"""

import ctypes
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from harness import programs
from harness.local.places import NAME, NAMESPACE, NODE_ADDRESS, SERVICE_RANGE

T = TypeVar("T")
CLONE_NEWNET = 0x40000000

# A veth pair whose far end leads nowhere is the node's interface and its default route.
INTERFACES = f"""
ip link set lo up
ip link add node0 type veth peer name nowhere0
ip link set nowhere0 up
ip addr add {NODE_ADDRESS}/24 dev node0
ip link set node0 up
ip route add default dev node0
sysctl -qw net.ipv4.ip_forward=1
"""

# Sent on, what the node's proxy does not know yet would be remembered: whoever took the same port
# in the next two minutes would be sent nowhere as well.
REFUSAL_OF_UNKNOWN_SERVICES = f"""
iptables -A OUTPUT -d {SERVICE_RANGE} -j REJECT
iptables -A FORWARD -d {SERVICE_RANGE} -j REJECT
"""


def exists() -> bool:
    """Tell whether the namespace is there."""
    return NAMESPACE.exists()


def create() -> None:
    """Make the namespace with the node's interface in it."""
    programs.run(["ip", "netns", "add", NAME])
    for setup in (INTERFACES, REFUSAL_OF_UNKNOWN_SERVICES):
        for line in setup.strip().splitlines():
            programs.run(inside(line.split()))


def delete() -> None:
    """Remove the namespace and every interface in it."""
    if exists():
        programs.run(["ip", "netns", "delete", NAME])


def inside(argv: Sequence[str | Path]) -> list[str]:
    """Return the command that runs this one in the namespace."""
    return ["nsenter", f"--net={NAMESPACE}", *map(str, argv)]


def enter() -> None:
    """Move the calling thread into the namespace: what it starts from now on is there too."""
    with NAMESPACE.open() as handle:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), str(NAMESPACE))


def within(call: Callable[[], T]) -> T:
    """Call a function in the namespace while the rest of this process stays outside."""

    def entered() -> T:
        enter()
        return call()

    with ThreadPoolExecutor(max_workers=1) as own_thread:
        return own_thread.submit(entered).result()


def process_ids() -> list[int]:
    """Return the processes that run in the namespace."""
    if not exists():
        return []
    return [int(pid) for pid in programs.run(["ip", "netns", "pids", NAME]).split()]
