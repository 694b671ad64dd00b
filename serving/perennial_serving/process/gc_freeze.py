"""Excludes the objects made at start from garbage collection.

They live as long as the process. A collection would also copy the memory pages that forked workers
share, because it writes to every object that it visits.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_frozen() -> Iterator[None]:
    """Disable the collector meanwhile, and freeze all objects at the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
