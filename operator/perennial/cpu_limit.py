"""The CPU limit of the container, for Jobs and for the model server."""

import math
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

_MOUNT: Final = Path("/sys/fs/cgroup")
_OWN: Final = Path("/proc/self/cgroup")


def cpus(mount: Path = _MOUNT, own: Path = _OWN) -> int:
    """Return the CPU limit, rounded up; 1 without a limit, to leave the node to others.

    `mount` is where control groups of version 1 or 2 are mounted, and `own` lists those of the
    process. The lowest limit of all enclosing groups applies.
    """
    limits = [limit for group in _groups(mount, own) if (limit := _limit_of(group)) is not None]
    return max(1, math.ceil(min(limits))) if limits else 1


def _groups(mount: Path, own: Path) -> Iterator[Path]:
    """Yield the control groups of the process and their parents, whether mounted or not."""
    for line in own.read_text().splitlines() if own.exists() else ():
        _, controllers, path = line.split(":", 2)
        hierarchy = mount / controllers if controllers else mount
        if not controllers or "cpu" in controllers.split(","):
            group = PurePosixPath(path)
            yield from (hierarchy / str(each).lstrip("/") for each in (group, *group.parents))
    yield from (mount, mount / "cpu")  # a container's own group is mounted as the root


def _limit_of(group: Path) -> float | None:
    """Return the limit of one group in CPUs: version 2 first, then version 1."""
    try:
        quota, period = (group / "cpu.max").read_text().split()
    except OSError:
        try:
            quota = (group / "cpu.cfs_quota_us").read_text().strip()
            period = (group / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    return None if quota in {"max", "-1"} else int(quota) / int(period)
