"""Threads that run all through a block."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def running(
    targets: Sequence[Callable[[], object]], over: threading.Event, patience: float | None = 30
) -> Iterator[None]:
    """Run each target in a thread; at the end tell them that it is over, and wait for them."""
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(patience)
