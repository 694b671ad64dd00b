"""What containerd holds: its images, and containers that an earlier cluster left."""

import time
from pathlib import Path

from harness import programs
from harness.local import places
from harness.programs import HarnessError, ProgramFailedError


def ctr(*words: str | Path, stdin: bytes | None = None) -> str:
    """Run containerd's own client in the namespace where Kubernetes keeps its things."""
    return programs.run(["ctr", "-a", places.SOCKET, "-n", "k8s.io", *words], stdin=stdin)


def answers() -> bool:
    """Tell whether containerd is there."""
    return places.SOCKET.exists() and programs.succeeds(["ctr", "-a", places.SOCKET, "version"])


def images() -> set[str]:
    """Return the references of all images."""
    return set(ctr("images", "ls", "-q").split())


def snapshots() -> set[str]:
    """Return the layers that are unpacked, each named by itself and all below it."""
    lines = ctr("snapshots", "ls").splitlines()[1:]
    return {line.split()[0] for line in lines}


def remove_all(seconds: float = 10) -> bool:
    """Remove every container; tell whether there was one."""
    containers = ctr("containers", "ls", "-q").split()
    found = bool(containers)
    deadline = time.monotonic() + seconds
    while containers:
        refusals = [_remove(container) for container in containers]
        containers = ctr("containers", "ls", "-q").split()
        if containers and time.monotonic() > deadline:
            raise HarnessError(f"containers that stay: {'; '.join(refusals)}")
    return found


def _remove(container: str) -> str:
    """Try to remove one container; return what stood in the way, such as its process ending."""
    try:
        if container in ctr("tasks", "ls", "-q").split():
            ctr("tasks", "rm", "--force", container)
        ctr("containers", "rm", container)
    except ProgramFailedError as refusal:
        return refusal.output
    return ""
