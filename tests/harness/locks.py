"""One cluster per machine: whoever changes it holds the lock, others wait."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from harness import paths, progress


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Hold the lock of this name; it falls when the process ends, however it ends."""
    file = paths.cache() / f"{name}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step("wait for another run of the harness"):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
