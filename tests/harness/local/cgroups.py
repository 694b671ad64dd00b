"""The control groups of the cluster's pods: under a root of their own, apart from any other's."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from harness import programs
from harness.local.places import NAME

MOUNT = Path("/sys/fs/cgroup")
UNIFIED = MOUNT / "cgroup.controllers"  # there is one hierarchy (version 2) when this exists
WANTED = ("cpu", "cpuset", "io", "memory", "pids", "hugetlb")


def create() -> None:
    """Make the root group in every hierarchy; the kubelet refuses one that is not there."""
    if UNIFIED.exists():
        offered = set(UNIFIED.read_text().split())
        for controller in offered & set(WANTED):
            (MOUNT / "cgroup.subtree_control").write_text(f"+{controller}")
    for root in _roots():
        root.mkdir(exist_ok=True)


def process_ids() -> Iterator[int]:
    """Return every process of every pod."""
    for folder in _folders():
        yield from map(int, programs.read_or_empty(folder / "cgroup.procs").split())


def remove(seconds: float = 3) -> None:
    """Remove the groups; the kernel lets go of dead processes in its own time."""
    deadline = time.monotonic() + seconds
    folders = sorted(_folders(), reverse=True)
    while folders and time.monotonic() < deadline:
        folders = [folder for folder in folders if not _removed(folder)]


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _folders() -> Iterator[Path]:
    for root in _roots():
        for folder, _, _ in os.walk(root):
            yield Path(folder)


def _roots() -> list[Path]:
    if UNIFIED.exists():
        return [MOUNT / NAME]
    return [entry / NAME for entry in MOUNT.iterdir() if (entry / "cgroup.procs").exists()]
