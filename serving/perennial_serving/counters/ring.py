"""Rings of fixed-size records that are not counted yet, in shared memory.

Records are written first and then acknowledged by one atomic store of 8 bytes, the total number of
records ever written. The difference between that number and the records counted in the totals is
what is pending, for this worker or for its replacement. A ring restarts at its first byte when it
has been counted.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise, starmap
from struct import Struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.layout import Layout
from perennial_serving.counters.rows import RowBlock
from perennial_serving.counters.scoring import LabelKind
from perennial_serving.counters.shared_memory import SharedMemory, Word

RING_RECORDS: Final = 2048
_FEWEST_ROWS: Final = 64
_CELLS: Final = 1 << 16


def row_records(inputs: int) -> int:
    """Return the rows of a ring: fewer for wide models, because counting blocks the event loop."""
    return min(RING_RECORDS, max(_FEWEST_ROWS, _CELLS // inputs))


class Fill:
    """The number of pending records of a ring."""

    def __init__(self, memory: SharedMemory, word: Word) -> None:
        self._words, self._word = memory.words, int(word)
        self._total = self._words[self._word]
        self.records = 0

    def recover(self, counted: int) -> None:
        """Compute what an earlier worker left behind, from the number of records it counted."""
        self.records = self._total - counted

    def acknowledge(self, records: int) -> None:
        """Make new records durable: they survive the end of this process."""
        self.records += records
        self._total += records
        self._words[self._word] = self._total


class Ring:
    """A ring of records of a few floats each."""

    def __init__(
        self, memory: SharedMemory, start: int, fields: int, word: Word, records: int
    ) -> None:
        self._size = fields * 8
        self.bytes = records * self._size
        """Size in bytes."""
        self._memory = memoryview(memory.buffer)[start : start + self.bytes]
        floats = np.frombuffer(memory.buffer, np.float64, records * fields, start)
        self._table = floats.reshape(records, fields)
        self._pack = Struct(f"={fields}d").pack
        self._records = records
        self.fill = Fill(memory, word)

    @property
    def room(self) -> int:
        """Number of records that still fit."""
        return self._records - self.fill.records

    def append(self, records: Sequence[tuple[float, ...]]) -> None:
        """Write records that fit, and acknowledge them."""
        packed = b"".join(starmap(self._pack, records))
        start = self.fill.records * self._size
        self._memory[start : start + len(packed)] = packed
        self.fill.acknowledge(len(records))

    @property
    def pending(self) -> NDArray[np.float64]:
        """The records that are not counted yet, (records, fields)."""
        return self._table[: self.fill.records]


class RowRing:
    """A ring of rows with their predictions: each column of a RowBlock is stored apart."""

    def __init__(self, memory: SharedMemory, start: int, layout: Layout, records: int) -> None:
        profile, schema = layout.profile, layout.schema
        numbers, codes = len(profile.numbers), len(profile.categories)
        values = len(schema.classes or ()) if layout.kind is LabelKind.SCORED else 1
        delays = 0 if schema.time_column is None else 1
        sizes = [fields * 8 for fields in (numbers, codes, 1, values, delays)]
        bounds = list(accumulate((records * size for size in sizes), initial=start))
        self.end = bounds[-1]
        """First byte after the ring."""
        buffer = memoryview(memory.buffer)
        parts = [buffer[first:last] for first, last in pairwise(bounds)]
        self._columns = list(zip(parts, sizes, strict=True))
        self._block = RowBlock(
            np.frombuffer(parts[0], np.float64).reshape(records, numbers),
            np.frombuffer(parts[1], np.intp).reshape(records, codes),
            np.frombuffer(parts[2], np.intp),
            np.frombuffer(parts[3], np.float64).reshape(records, values),
            np.frombuffer(parts[4], np.float64),
        )
        self._records = records
        self.fill = Fill(memory, Word.ROWS)

    @property
    def room(self) -> int:
        """Number of rows that still fit."""
        return self._records - self.fill.records

    def append(self, block: RowBlock) -> None:
        """Write rows that fit, and acknowledge them."""
        rows, first = block.rows, self.fill.records
        for (stretch, size), column in zip(self._columns, block, strict=True):
            stretch[first * size : (first + rows) * size] = column.tobytes()
        self.fill.acknowledge(rows)

    @property
    def pending(self) -> RowBlock:
        """The rows that are not counted yet."""
        return self._block.first(self.fill.records)
