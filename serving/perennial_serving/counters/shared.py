"""All that the workers of a pod share: made by the supervisor before it forks."""

import mmap
from dataclasses import dataclass
from typing import Final, Self

from perennial_serving.counters.recent_ids import RecentIds
from perennial_serving.counters.shared_memory import Slab

_ROW_HASHES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Shared:
    """One slab for each worker, and what all of them remember together."""

    slabs: tuple[Slab, ...]
    ids: RecentIds
    """The ids that came with a label."""
    row_hashes: mmap.mmap
    """The rows that were answered lately."""

    @classmethod
    def create(cls, workers: int) -> Self:
        """Make the memory; processes forked from here on share it."""
        slabs = tuple(Slab.create() for _ in range(workers))
        return cls(slabs, RecentIds.create(), mmap.mmap(-1, _ROW_HASHES * 8))

    @property
    def ready(self) -> bool:
        """Whether every worker has proved itself."""
        return all(slab.ready for slab in self.slabs)
