"""Waiting for a state of an object: kubectl is run again after a pause."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

_PAUSE: Final = 1.0


def looks(timeout: timedelta) -> Iterator[int]:
    """Yield the number of each look until the time is over; a timeout of 0 has no end."""
    begun, number = time.monotonic(), 0
    while not (number and timeout) or time.monotonic() - begun < timeout.total_seconds():
        yield number
        number += 1
        time.sleep(_PAUSE)
