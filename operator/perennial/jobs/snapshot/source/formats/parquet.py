"""Parquet files, a few thousand rows at a time."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from perennial.jobs.snapshot.source.formats.unreadable import UnreadableFileError, check_unique

BATCH_ROWS: Final = 1 << 16

# pandas' own bookkeeping of an unnamed index, which no person ever wrote
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")


def header(path: Path) -> pa.Schema:
    """Return the columns of a file, with their types."""
    with _opened(path) as file:
        schema = file.schema_arrow
    check_unique(schema.names)
    return pa.schema([field for field in schema if not _PANDAS_INDEX.fullmatch(field.name)])


def batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read these columns."""
    with _opened(path) as file:
        found = file.iter_batches(BATCH_ROWS, columns=list(columns))
        while True:
            try:
                batch = next(found, None)
            except (pa.ArrowException, OSError) as error:
                raise UnreadableFileError(f"is damaged ({error}): upload it again") from error
            if batch is None:
                return
            yield batch


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(
            "is cut off, or is not Parquet: upload it again, or correct the format"
        ) from error
