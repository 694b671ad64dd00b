"""What was recorded and is not counted yet: records of equal size, in the slab.

Records are written first and then acknowledged by one store of 8 bytes: the number ever recorded.
Whatever that number says beyond what the bank has counted is there, whole, for whoever looks next:
the worker itself, or the one that replaces it. An emptied ring begins again at its start.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise, starmap
from struct import Struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.layout import Layout
from perennial_serving.counters.rows import RowBlock
from perennial_serving.counters.scoring import Kind
from perennial_serving.counters.shared_memory import Slab, Word

RING_RECORDS: Final = 2048
_FEWEST_ROWS: Final = 64
_CELLS: Final = 1 << 16


def row_records(inputs: int) -> int:
    """Return how many rows wait: of many inputs fewer, since counting them holds up the loop."""
    return min(RING_RECORDS, max(_FEWEST_ROWS, _CELLS // inputs))


class Fill:
    """How many records a ring holds."""

    def __init__(self, slab: Slab, word: Word) -> None:
        """Look at the number of records ever acknowledged."""
        self._words, self._word = slab.words, int(word)
        self._ever = self._words[self._word]
        self.records = 0

    def recover(self, counted: int) -> None:
        """Find what an earlier worker left behind."""
        self.records = self._ever - counted

    def acknowledge(self, records: int) -> None:
        """Let the newest records count, whatever becomes of this process."""
        self.records += records
        self._ever += records
        self._words[self._word] = self._ever


class Ring:
    """Records of a few floats each."""

    def __init__(self, slab: Slab, start: int, fields: int, word: Word, records: int) -> None:
        """Look at the ring that starts at a byte of the slab."""
        self._size = fields * 8
        self.bytes = records * self._size
        """How much of the slab it takes."""
        self._memory = memoryview(slab.memory)[start : start + self.bytes]
        floats = np.frombuffer(slab.memory, np.float64, records * fields, start)
        self._table = floats.reshape(records, fields)
        self._pack = Struct(f"={fields}d").pack
        self._records = records
        self.fill = Fill(slab, word)

    @property
    def room(self) -> int:
        """How many further records fit."""
        return self._records - self.fill.records

    def append(self, records: Sequence[tuple[float, ...]]) -> None:
        """Write records that fit, and let them count."""
        packed = b"".join(starmap(self._pack, records))
        start = self.fill.records * self._size
        self._memory[start : start + len(packed)] = packed
        self.fill.acknowledge(len(records))

    @property
    def held(self) -> NDArray[np.float64]:
        """The records that wait to be counted, one a line."""
        return self._table[: self.fill.records]


class RowRing:
    """Rows with their answers: each column of a RowBlock in a stretch of its own."""

    def __init__(self, slab: Slab, start: int, layout: Layout, records: int) -> None:
        """Look at the ring that starts at a byte of the slab."""
        profile, schema = layout.profile, layout.schema
        numbers, codes = len(profile.numbers), len(profile.categories)
        told = len(schema.classes or ()) if layout.kind is Kind.SCORED else 1
        timed = 0 if schema.time_column is None else 1
        sizes = [fields * 8 for fields in (numbers, codes, 1, told, timed)]
        bounds = list(accumulate((records * size for size in sizes), initial=start))
        self.end = bounds[-1]
        """Where it ends in the slab."""
        memory = memoryview(slab.memory)
        parts = [memory[first:last] for first, last in pairwise(bounds)]
        self._stretches = list(zip(parts, sizes, strict=True))
        self._block = RowBlock(
            np.frombuffer(parts[0], np.float64).reshape(records, numbers),
            np.frombuffer(parts[1], np.intp).reshape(records, codes),
            np.frombuffer(parts[2], np.intp),
            np.frombuffer(parts[3], np.float64).reshape(records, told),
            np.frombuffer(parts[4], np.float64),
        )
        self._records = records
        self.fill = Fill(slab, Word.ROWS)

    @property
    def room(self) -> int:
        """How many further rows fit."""
        return self._records - self.fill.records

    def append(self, block: RowBlock) -> None:
        """Write rows that fit, and let them count."""
        rows, first = block.rows, self.fill.records
        for (memory, size), column in zip(self._stretches, block, strict=True):
            memory[first * size : (first + rows) * size] = column.tobytes()
        self.fill.acknowledge(rows)

    @property
    def held(self) -> RowBlock:
        """The rows that wait to be counted."""
        return self._block.first(self.fill.records)
