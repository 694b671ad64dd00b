"""What is made while a process starts stays for good: no collection need look at it.

Nor need a worker copy what it shares with the others, as a collection that looks at it would.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def made_to_last() -> Iterator[None]:
    """Collect no garbage meanwhile, and leave alone for ever what is made here."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
