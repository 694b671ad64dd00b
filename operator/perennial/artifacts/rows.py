"""The identity of rows: a digest over the values of all cells, not over the bytes of files.

`docs/snapshot-digest.md` defines it; readers of a snapshot recompute it to verify the files.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from perennial.api.column_type import ColumnType

ARROW_TYPES: Final[Mapping[ColumnType, pa.DataType]] = {
    ColumnType.NUMBER: pa.float64(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    ColumnType.CATEGORY: pa.string(),
}
"""Arrow type of each column type, in memory and in the Parquet files of a snapshot."""

_MISSING: Final = -1
_BATCH_ROWS: Final = 1 << 16


class ColumnDigest:
    """Digest of one column: the length of each cell (-1 if missing), and the bytes of all cells."""

    def __init__(self) -> None:
        self._lengths = hashlib.sha256()
        self._values = hashlib.sha256()

    def update(self, cells: pa.Array) -> None:
        """Add the next cells."""
        present = cells.drop_null()
        widths, values = _text(present) if pa.types.is_string(cells.type) else _fixed(present)
        lengths = np.full(len(cells), _MISSING, dtype="<i4")
        lengths[pc.is_valid(cells).to_numpy(zero_copy_only=False)] = widths
        self._lengths.update(lengths.tobytes())
        self._values.update(values)

    def hexdigest(self) -> str:
        """Return the digest of the cells so far."""
        return hashlib.sha256(self._lengths.digest() + self._values.digest()).hexdigest()


class RowDigest:
    """Digests of all columns; the rows must arrive in their canonical order."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.rows = 0
        self._columns = {name: ColumnDigest() for name in columns}

    def update(self, rows: pa.RecordBatch) -> None:
        """Add the next rows; the size of the batches does not matter."""
        self.rows += rows.num_rows
        for name, column in self._columns.items():
            column.update(rows.column(name))

    def hexdigests(self) -> dict[str, str]:
        """Return the digest of each column so far."""
        return {name: column.hexdigest() for name, column in self._columns.items()}


def digest_of_parts(parts: Iterable[Path], columns: Iterable[str]) -> RowDigest:
    """Return the digests of the rows in the Parquet files of a snapshot, in their order."""
    digest = RowDigest(columns)
    for part in parts:
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(_BATCH_ROWS):
                digest.update(batch)
    return digest


def _fixed(present: pa.Array) -> tuple[int, bytes]:
    if pa.types.is_boolean(present.type):
        return 1, present.to_numpy(zero_copy_only=False).astype("u1").tobytes()
    if pa.types.is_timestamp(present.type):
        present = present.cast(pa.int64())
    numbers = present.to_numpy()
    return 8, numbers.astype(numbers.dtype.newbyteorder("<"), copy=False).tobytes()


def _text(present: pa.Array) -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], memoryview]:
    _, offsets, characters = present.buffers()
    if len(present) == 0 or characters is None:
        return np.zeros(len(present), dtype=np.int32), memoryview(b"")
    first = present.offset
    ends = np.frombuffer(offsets, dtype=np.int32)[first : first + len(present) + 1]
    return np.diff(ends), memoryview(characters)[ends[0] : ends[-1]]
