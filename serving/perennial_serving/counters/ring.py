"""What was recorded and is not counted yet: records of equal size, in the slab.

Records are written first and then acknowledged by one store of 8 bytes: the number ever recorded.
Whatever that number says beyond what the bank has counted is there, whole, for whoever looks next:
the worker itself, or the one that replaces it. An emptied ring begins again at its start.
"""

from itertools import accumulate, pairwise, starmap
from struct import Struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.grades import Grade
from perennial_serving.counters.layout import Layout
from perennial_serving.counters.rows import RowBlock
from perennial_serving.counters.slab import Slab, Word

RING_RECORDS: Final = 1024

_GRADE_FIELDS: Final = 4
_GRADE: Final = Struct(f"={_GRADE_FIELDS}d")


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
        self._pack = Struct(f"={fields}d").pack_into
        self._records = records
        self.fill = Fill(slab, word)

    @property
    def is_full(self) -> bool:
        """Whether no further record fits."""
        return self.fill.records == self._records

    def append(self, *record: float) -> None:
        """Write a record, and let it count."""
        self._pack(self._memory, self.fill.records * self._size, *record)
        self.fill.acknowledge(1)

    @property
    def held(self) -> NDArray[np.float64]:
        """The records that wait to be counted, one a line."""
        return self._table[: self.fill.records]


class RowRing:
    """Rows with their answers: numbers, codes, grades and delays, each in a stretch of its own."""

    def __init__(self, slab: Slab, start: int, layout: Layout, records: int) -> None:
        """Look at the ring that starts at a byte of the slab."""
        profile = layout.profile
        numbers, codes = len(profile.numbers), len(profile.categories)
        delays = 0 if layout.schema.time_column is None else 1
        sizes = [records * fields * 8 for fields in (numbers, codes, _GRADE_FIELDS, delays)]
        bounds = list(accumulate(sizes, initial=start))
        memory = memoryview(slab.memory)
        parts = [memory[first:last] for first, last in pairwise(bounds)]
        self.end = bounds[-1]
        """Where it ends in the slab."""
        self._numbers, self._codes, self._grades, self._delays = parts
        self._number_bytes, self._code_bytes = numbers * 8, codes * 8
        self._block = RowBlock(
            np.frombuffer(self._numbers, np.float64).reshape(records, numbers),
            np.frombuffer(self._codes, np.int64).reshape(records, codes),
            np.frombuffer(self._grades, np.float64).reshape(records, _GRADE_FIELDS),
            np.frombuffer(self._delays, np.float64),
        )
        self._records = records
        self.fill = Fill(slab, Word.ROWS)

    @property
    def room(self) -> int:
        """How many further rows fit."""
        return self._records - self.fill.records

    def append(self, numbers: bytes, codes: bytes, grades: list[Grade], delays: bytes) -> None:
        """Write rows that fit, and let them count."""
        fill = self.fill
        first = fill.records
        start = first * self._number_bytes
        self._numbers[start : start + len(numbers)] = numbers
        start = first * self._code_bytes
        self._codes[start : start + len(codes)] = codes
        packed = b"".join(starmap(_GRADE.pack, grades))
        start = first * _GRADE.size
        self._grades[start : start + len(packed)] = packed
        if delays:
            self._delays[first * 8 : first * 8 + len(delays)] = delays
        fill.acknowledge(len(grades))

    @property
    def held(self) -> RowBlock:
        """The rows that wait to be counted."""
        return self._block.first(self.fill.records)
