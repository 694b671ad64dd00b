"""Threads in training, used so that results do not depend on their number."""

from collections.abc import Iterator
from contextlib import contextmanager

import joblib
from threadpoolctl import threadpool_limits


@contextmanager
def reproducible(workers: int = 1) -> Iterator[None]:
    """Limit numeric libraries to one thread; whole trees of a forest may use several.

    Splitting a sum among threads changes its last digits, and thereby the artifact's digest.
    """
    with threadpool_limits(1), joblib.parallel_config(backend="threading", n_jobs=workers):
        yield
