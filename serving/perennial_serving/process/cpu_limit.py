"""How much of the machine the process may use, as its control group says."""

import math
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

_ROOT: Final = Path("/sys/fs/cgroup")
_OWN: Final = Path("/proc/self/cgroup")


def workers_allowed(root: Path = _ROOT, own: Path = _OWN) -> int:
    """Return how many processes can be busy at once; without a limit, one disturbs nobody."""
    limits = [limit for folder in _folders(root, own) if (limit := _processors(folder)) is not None]
    return max(1, math.ceil(min(limits))) if limits else 1


def _folders(root: Path, own: Path) -> Iterator[Path]:
    """Yield the groups that hold the process, of both versions, as far as they are mounted."""
    for line in own.read_text().splitlines() if own.exists() else ():
        _, controllers, path = line.split(":", 2)
        mount = root if not controllers else root / controllers
        if not controllers or "cpu" in controllers.split(","):
            group = PurePosixPath(path)
            yield from (mount / str(one).lstrip("/") for one in (group, *group.parents))
    yield from (root, root / "cpu")  # a container's own group is mounted as the root


def _processors(group: Path) -> float | None:
    """Return the limit of one group: of version 2 first, else of version 1."""
    try:
        quota, period = (group / "cpu.max").read_text().split()
    except OSError:
        try:
            quota = (group / "cpu.cfs_quota_us").read_text().strip()
            period = (group / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    return None if quota in {"max", "-1"} else int(quota) / int(period)
