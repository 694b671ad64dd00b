"""Threads of a training, which must not influence its result."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import joblib
from threadpoolctl import threadpool_limits

_CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def cpus(limit: Path = _CPU_LIMIT) -> int:
    """Return how many CPUs the container may use at once; without a limit it takes one."""
    if not limit.is_file():
        return 1
    quota, period = limit.read_text().split()
    return 1 if quota == "max" else max(math.ceil(int(quota) / int(period)), 1)


@contextmanager
def reproducible(workers: int = 1) -> Iterator[None]:
    """Limit numeric libraries to one thread; whole trees of a forest may use several.

    Splitting a sum among threads changes its last digits, and thereby the artifact's digest.
    """
    with threadpool_limits(1), joblib.parallel_config(backend="threading", n_jobs=workers):
        yield
