"""External sort: rows are partitioned on disk by their hashes, then sorted part by part."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

HASH: Final = "\x00hash"
"""Column of the hashes; no source column can have this name."""

BITS: Final = 6
"""Bits of the hash per level of partitions: 64 files are open at once."""

LARGEST_PART: Final = 64 << 20
"""Bytes of a part that is sorted in memory; a larger one is partitioned again."""

_DEEPEST: Final = 64 // BITS
# batches are small: passing their buffers to other threads costs more than compressing them
_OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)


class Spill:
    """Rows on disk, partitioned by the leading bits of their hashes."""

    def __init__(self, folder: Path, *, depth: int = 0, largest: int = LARGEST_PART) -> None:
        """Create the folder; the depth selects the bits of the hash."""
        folder.mkdir(parents=True)
        self._folder = folder
        self._depth = depth
        self._largest = largest
        self._parts: dict[int, _Part] = {}
        self._finer: dict[int, Spill] = {}

    def add(self, rows: pa.RecordBatch, hashes: NDArray[np.uint64]) -> None:
        """Write rows with their hashes."""
        hashed = rows.append_column(HASH, pa.array(hashes))
        self._add(hashed, hashes)

    def in_order(self) -> Iterator[pa.Table]:
        """Return all rows sorted by hash, then by value, a part at a time; may be repeated."""
        return map(_sorted, self.parts())

    def parts(self) -> Iterator[pa.Table]:
        """Return all rows in parts ordered by hash; equal hashes are in the same part."""
        for number in sorted(self._parts):
            part = self._parts[number]
            part.close()
            if part.bytes > self._largest and self._depth + 1 < _DEEPEST:
                yield from self._parted_finer(number, part).parts()
            else:
                yield part.read()

    def _parted_finer(self, number: int, part: "_Part") -> "Spill":
        if number not in self._finer:
            finer = Spill(
                self._folder / f"{number:02}", depth=self._depth + 1, largest=self._largest
            )
            for rows in part.batches():
                finer._add(rows, rows.column(HASH).to_numpy())
            part.path.unlink()
            self._finer[number] = finer
        return self._finer[number]

    def _add(self, hashed: pa.RecordBatch, hashes: NDArray[np.uint64]) -> None:
        shift = np.uint64(64 - BITS * (self._depth + 1))
        numbers = ((hashes >> shift) & np.uint64((1 << BITS) - 1)).astype(np.uint8)
        order = np.argsort(numbers, kind="stable")
        by_part = hashed.take(pa.array(order))
        ends = np.cumsum(np.bincount(numbers, minlength=1 << BITS))
        for number in np.unique(numbers).tolist():
            first = int(ends[number - 1]) if number else 0
            self._part(number, hashed.schema).write(by_part.slice(first, int(ends[number]) - first))

    def _part(self, number: int, schema: pa.Schema) -> "_Part":
        if number not in self._parts:
            self._parts[number] = _Part(self._folder / f"{number:02}.arrow", schema)
        return self._parts[number]


class _Part:
    """One file of rows whose hashes have the same leading bits."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.bytes = 0
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._file, schema, options=_OPTIONS)

    def write(self, rows: pa.RecordBatch) -> None:
        self.bytes += rows.nbytes
        self._writer.write_batch(rows)

    def close(self) -> None:
        if not self._file.closed:
            self._writer.close()
            self._file.close()

    def read(self) -> pa.Table:
        with pa.OSFile(str(self.path)) as file:
            return pa.ipc.open_stream(file).read_all()

    def batches(self) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self.path)) as file:
            yield from pa.ipc.open_stream(file)


def _sorted(rows: pa.Table) -> pa.Table:
    """Sort rows by hash, and equal hashes by value, missing values last."""
    names: Sequence[str] = [HASH, *sorted(set(rows.column_names) - {HASH})]
    by_place = with_safe_names(rows.select(names))
    keys = [(name, "ascending") for name in by_place.column_names]
    order = pc.sort_indices(by_place, sort_keys=keys)
    return rows.take(order).drop_columns(HASH)


def with_safe_names(rows: pa.Table) -> pa.Table:
    """Name columns by their place: Arrow reads a name that begins with a dot as a path."""
    return rows.rename_columns([str(place) for place in range(rows.num_columns)])
