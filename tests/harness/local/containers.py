"""What containerd holds: its images, and containers that an earlier cluster left."""

from collections.abc import Iterable
from pathlib import Path

from harness import programs
from harness.local import places
from harness.programs import ProgramFailedError


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


def remove_all() -> bool:
    """Remove every container; tell whether there was one."""
    containers = ctr("containers", "ls", "-q").split()
    for task in ctr("tasks", "ls", "-q").split():
        _regardless("tasks", "rm", "--force", task)
    for container in containers:
        _regardless("containers", "rm", container)
    return bool(containers)


def remove_images(references: Iterable[str]) -> None:
    """Remove these images."""
    for reference in references:
        ctr("images", "rm", reference)


def _regardless(*words: str) -> None:
    """Run a removal whose object may vanish by itself meanwhile."""
    try:
        ctr(*words)
    except ProgramFailedError as failure:
        if "not found" not in failure.output:
            raise
