"""Counts of one worker, in its slab: a few copies for each call, numpy's work for many of them."""

import asyncio
from array import array
from collections.abc import Sequence
from math import nan
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial_serving.counters.count import Tally
from perennial_serving.counters.double_buffer import Bank, Banks
from perennial_serving.counters.layout import LabelOutcome, Layout
from perennial_serving.counters.older_versions import OlderVersions
from perennial_serving.counters.recent_rows import RecentRows
from perennial_serving.counters.ring import RING_RECORDS, Ring, RowRing, row_records
from perennial_serving.counters.row_hash import row_hashes
from perennial_serving.counters.rows import ContractCodes, RowBlock
from perennial_serving.counters.scoring import Grades, grader
from perennial_serving.counters.shared import Shared
from perennial_serving.counters.shared_memory import Word
from perennial_serving.model.batch import Batch

FLUSH_SECONDS: Final = 0.25

Times = Sequence[float | None]

Asked = tuple[int, int, float]
"""A request as it was answered: status, rows that it brought, seconds until the answer."""


class Counters:
    """The one writer of a slab; safe to be called from several threads of its process."""

    def __init__(
        self, layout: Layout, shared: Shared, worker: int, records: int | None = None
    ) -> None:
        """Take over the slab, and count what an earlier worker recorded in its last moments."""
        slab = shared.slabs[worker]
        self._most = records or row_records(len(layout.schema.inputs))
        records = records or RING_RECORDS
        self.layout = layout
        self.grade = grader(layout.schema, layout.profile)
        self._older = OlderVersions(slab)
        self._banks = Banks(layout, slab)
        self._rows = RowRing(slab, self._banks.end, layout, self._most)
        self._requests = Ring(slab, self._rows.end, 3, Word.REQUESTS, records)
        self._labels = Ring(slab, self._rows.end + self._requests.bytes, 5, Word.LABELS, records)
        self._fills = (self._rows.fill, self._requests.fill, self._labels.fill)
        self._codes_of = ContractCodes(layout).codes
        self._tally = Tally(layout)
        self._recent = RecentRows(shared.row_hashes)
        self._is_timed = layout.schema.time_column is not None
        self._lock = Lock()
        self._recover()

    def _recover(self) -> None:
        counted = self._banks.counting.counts[self.layout.counts.consumed].tolist()
        for fill, records in zip(self._fills, counted, strict=True):
            fill.recover(records)
        self.flush()

    def rows(
        self, batch: Batch, answers: Answers, now: float, times: Times | None = None
    ) -> Grades:
        """Count rows that were answered; return their grades, for their prediction ids."""
        grades = self.grade(answers)
        rows = batch.rows
        delays = _delays(now, times, rows) if self._is_timed else _NO_DELAYS
        codes = self._codes_of(batch)
        block = RowBlock(batch.numbers, codes, grades.classes, grades.told, delays)
        if rows > self._most:
            self._count_at_once(block)
            return grades
        with self._lock:
            if self._rows.room < rows:
                self._flush()
            self._rows.append(block)
        return grades

    def request(self, status: int, rows: int, seconds: float) -> None:
        """Count a request for predictions."""
        self._record(self._requests, ((status, rows, seconds),))

    def requests(self, requests: Sequence[Asked]) -> None:
        """Count requests for predictions."""
        self._record(self._requests, requests)

    def label(self, outcome: LabelOutcome, *cell: float) -> None:
        """Count a label: version, bin, label and error of one that is counted."""
        version, bin_, label, error = cell or (0, 0, 0, 0.0)
        self._record(self._labels, ((_LABEL_OUTCOMES[outcome], version, bin_, label, error),))

    def _record(self, ring: Ring, records: Sequence[tuple[float, ...]]) -> None:
        with self._lock:
            while len(records) > (room := ring.room):
                ring.append(records[:room])
                records = records[room:]
                self._flush()
            ring.append(records)

    def older_version(self, name: str) -> int | None:
        """Return where labels of an older version are counted, or None if there is no room."""
        with self._lock:
            return self._older.position(name)

    def flush(self) -> None:
        """Count what was recorded."""
        with self._lock:
            self._flush()

    @property
    def is_dirty(self) -> bool:
        """Whether something recorded is not counted yet."""
        return any(fill.records for fill in self._fills)

    async def flush_regularly(self) -> None:
        """Count what was recorded, four times a second, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if self.is_dirty:
                self.flush()

    def _flush(self) -> None:
        rows = self._rows.held
        hashes = row_hashes(rows)
        bank = self._begun()
        self._tally.rows(rows, bank)
        self._tally.requests(self._requests.held, bank)
        self._tally.labels(self._labels.held, bank)
        self._repeats(hashes, bank)
        bank.counts[self.layout.counts.consumed] += [fill.records for fill in self._fills]
        self._banks.commit()
        for fill in self._fills:
            fill.records = 0
        self._recent.remember(hashes)

    def _count_at_once(self, rows: RowBlock) -> None:
        """Count many rows in a commit of their own; what the ring holds is left for later."""
        hashes = row_hashes(rows)
        counted = Bank.empty(self.layout)
        self._tally.rows(rows, counted)
        self._repeats(hashes, counted)
        with self._lock:
            self._begun().add(counted)
            self._banks.commit()
        self._recent.remember(hashes)

    def _repeats(self, hashes: NDArray[np.uint64], bank: Bank) -> None:
        bank.counts[self.layout.counts.repeated] += self._recent.repeats(hashes)

    def _begun(self) -> Bank:
        """Return the bank that will count, equal to the one that does."""
        other = self._banks.other
        self._banks.counting.copy_to(other)
        return other


_LABEL_OUTCOMES: Final = {outcome: position for position, outcome in enumerate(LabelOutcome)}
_NO_DELAYS: Final = np.empty(0)
_NOT_KNOWN: Final = array("d", [nan]).tobytes()


def _delays(now: float, times: Times | None, rows: int) -> NDArray[np.float64]:
    """Return the clock minus the time of each row, NaN where it is not known."""
    if times is None:
        return np.frombuffer(_NOT_KNOWN * rows)
    delays: NDArray[np.float64] = now - np.array(times, np.float64)
    return delays
