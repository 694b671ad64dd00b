"""How long a test waits for what must come: far longer than usual, for a machine that is busy."""

import time

FACTOR = 5  # what never comes costs this much more; what comes late is no failure


def deadline(seconds: float) -> float:
    """Return when to give up on what usually takes these seconds at most, in monotonic time."""
    return time.monotonic() + FACTOR * seconds
