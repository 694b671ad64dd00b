"""Blocks of equal length that begin with a rollout: the same blocks after every restart."""

import math
from typing import NamedTuple

SETTLE_SECONDS = 5.0
"""A block is read this long after its end, when its last scrape has been stored."""
LOOKBACK_SECONDS = 300.0


class Grid(NamedTuple):
    """Block k ends at edge k, and edge 0 is the beginning. All times are seconds of 1970."""

    begin: float
    interval: float

    @property
    def lookback(self) -> float:
        """How long the last sample of a series counts: a pod that is gone is still held."""
        return max(LOOKBACK_SECONDS, self.interval)

    def edge(self, index: int) -> float:
        """Return the end of block `index`, to the millisecond, as Prometheus computes it."""
        return round(self.begin + index * self.interval, 3)

    def nearest_edge(self, time: float) -> int:
        """Return the edge nearest to a time."""
        return round((time - self.begin) / self.interval)

    def closed_by(self, now: float) -> int:
        """Return how many blocks can be read; -1 if not even the beginning can be."""
        blocks = (now - SETTLE_SECONDS - self.begin) / self.interval
        return max(-1, math.floor(round(blocks, 3)))  # an edge is a multiple but for rounding
