"""The counters of one worker: each call writes to a ring, and numpy counts a full ring at once."""

import asyncio
from array import array
from collections.abc import Sequence
from math import nan
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial_serving.counters.count import RecordCounter
from perennial_serving.counters.double_buffer import DoubleBuffer, Totals
from perennial_serving.counters.layout import LabelOutcome, Layout
from perennial_serving.counters.older_versions import OlderVersions
from perennial_serving.counters.recent_rows import RecentRows
from perennial_serving.counters.ring import RING_RECORDS, Ring, RowRing, row_records
from perennial_serving.counters.row_hash import row_hashes
from perennial_serving.counters.rows import ContractCodes, RowBlock
from perennial_serving.counters.scoring import AnswerScores, scorer
from perennial_serving.counters.shared import Shared
from perennial_serving.counters.shared_memory import Word
from perennial_serving.model.batch import Batch

FLUSH_SECONDS: Final = 0.25

Times = Sequence[float | None]

RequestRecord = tuple[int, int, float]
"""Status code, number of rows, and seconds from the last byte of the request to the response.

`EXPLICIT` is added to the status code of a request that names its revision.
"""


class Counters:
    """The only writer of its `SharedMemory`; thread-safe within its process.

    A new worker first counts the records that its predecessor left in the rings.
    """

    def __init__(
        self, layout: Layout, shared: Shared, worker: int, records: int | None = None
    ) -> None:
        memory = shared.memories[worker]
        self._ring_rows = records or row_records(len(layout.schema.inputs))
        records = records or RING_RECORDS
        self.layout = layout
        self.score = scorer(layout.schema, layout.profile)
        self._older = OlderVersions(memory)
        self._buffer = DoubleBuffer(layout, memory)
        self._rows = RowRing(memory, self._buffer.end, layout, self._ring_rows)
        self._requests = Ring(memory, self._rows.end, 3, Word.REQUESTS, records)
        self._labels = Ring(memory, self._rows.end + self._requests.bytes, 5, Word.LABELS, records)
        self._fills = (self._rows.fill, self._requests.fill, self._labels.fill)
        self._codes_of = ContractCodes(layout).codes
        self._counter = RecordCounter(layout)
        self._recent = RecentRows(shared.row_hashes)
        self._has_times = layout.schema.time_column is not None
        self._lock = Lock()
        self._recover()

    def _recover(self) -> None:
        counted = self._buffer.current.counts[self.layout.counts.consumed].tolist()
        for fill, records in zip(self._fills, counted, strict=True):
            fill.recover(records)
        self.flush()

    def rows(
        self, batch: Batch, answers: Answers, now: float, times: Times | None = None
    ) -> AnswerScores:
        """Count predicted rows; return the scores that their prediction ids need."""
        scores = self.score(answers)
        rows = batch.rows
        delays = _delays(now, times, rows) if self._has_times else _NO_DELAYS
        codes = self._codes_of(batch)
        block = RowBlock(batch.numbers, codes, scores.classes, scores.values, delays)
        if rows > self._ring_rows:
            self._count_at_once(block)
            return scores
        with self._lock:
            if self._rows.room < rows:
                self._flush()
            self._rows.append(block)
        return scores

    def request(self, status: int, rows: int, seconds: float) -> None:
        """Count a request for predictions."""
        self._record(self._requests, ((status, rows, seconds),))

    def requests(self, requests: Sequence[RequestRecord]) -> None:
        """Count requests for predictions."""
        self._record(self._requests, requests)

    def label(self, outcome: LabelOutcome, *cell: float) -> None:
        """Count one label; `cell` is version, bin, label and error if the label was accepted."""
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
        """Return the position of an older version, or None if there is no room for another."""
        with self._lock:
            return self._older.position(name)

    def flush(self) -> None:
        """Count all pending records."""
        with self._lock:
            self._flush()

    @property
    def has_pending(self) -> bool:
        """Whether the rings hold records."""
        return any(fill.records for fill in self._fills)

    async def flush_regularly(self) -> None:
        """Count pending records four times a second, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if self.has_pending:
                self.flush()

    def _flush(self) -> None:
        rows = self._rows.pending
        hashes = row_hashes(rows)
        totals = self._spare_copy()
        self._counter.rows(rows, totals)
        self._counter.requests(self._requests.pending, totals)
        self._counter.labels(self._labels.pending, totals)
        self._repeats(hashes, totals)
        totals.counts[self.layout.counts.consumed] += [fill.records for fill in self._fills]
        self._buffer.commit()
        for fill in self._fills:
            fill.records = 0
        self._recent.remember(hashes)

    def _count_at_once(self, rows: RowBlock) -> None:
        """Count rows that do not fit into the ring, in a commit of their own."""
        hashes = row_hashes(rows)
        counted = Totals.empty(self.layout)
        self._counter.rows(rows, counted)
        self._repeats(hashes, counted)
        with self._lock:
            self._spare_copy().add(counted)
            self._buffer.commit()
        self._recent.remember(hashes)

    def _repeats(self, hashes: NDArray[np.uint64], totals: Totals) -> None:
        totals.counts[self.layout.counts.repeated] += self._recent.repeats(hashes)

    def _spare_copy(self) -> Totals:
        """Return the spare half, made equal to the current one."""
        spare = self._buffer.spare
        self._buffer.current.copy_to(spare)
        return spare


_LABEL_OUTCOMES: Final = {outcome: position for position, outcome in enumerate(LabelOutcome)}
_NO_DELAYS: Final = np.empty(0)
_UNKNOWN: Final = array("d", [nan]).tobytes()


def _delays(now: float, times: Times | None, rows: int) -> NDArray[np.float64]:
    """Return the current time minus the time of each row, or NaN if the row has none."""
    if times is None:
        return np.frombuffer(_UNKNOWN * rows)
    delays: NDArray[np.float64] = now - np.array(times, np.float64)
    return delays
