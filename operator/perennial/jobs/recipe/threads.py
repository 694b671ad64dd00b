"""Threads in training, used so that results do not depend on their number."""

from collections.abc import Iterator
from contextlib import contextmanager

import joblib
from threadpoolctl import threadpool_limits


@contextmanager
def reproducible(workers: int = 1) -> Iterator[None]:
    """Let sums be taken in one order: numerics in one thread, whole trees of a forest in several.

    How a reduction is split among threads changes the last digits, and with them the digest.
    """
    with threadpool_limits(1), joblib.parallel_config(backend="threading", n_jobs=workers):
        yield
