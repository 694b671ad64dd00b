"""The memory that all workers of a pod share, allocated by the supervisor before it forks."""

import mmap
from dataclasses import dataclass
from typing import Final, Self

from perennial_serving.counters.recent_ids import RecentIds
from perennial_serving.counters.shared_memory import SharedMemory

_ROW_HASHES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Shared:
    """One `SharedMemory` per worker, and two tables that all workers use."""

    memories: tuple[SharedMemory, ...]
    ids: RecentIds
    """Prediction ids that already have a label."""
    row_hashes: mmap.mmap
    """Hashes of recently predicted rows."""

    @classmethod
    def create(cls, workers: int) -> Self:
        """Allocate the memory; processes forked afterwards share it."""
        memories = tuple(SharedMemory.create() for _ in range(workers))
        return cls(memories, RecentIds.create(), mmap.mmap(-1, _ROW_HASHES * 8))

    @property
    def ready(self) -> bool:
        """Whether every worker has passed its self-check."""
        return all(memory.ready for memory in self.memories)
