"""The Parquet files of a snapshot, split at the same rows for any input batches."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from perennial.artifacts.manifest import StoredFile, sha256_of
from perennial.artifacts.rows import RowDigest

GROUP_ROWS: Final = 1 << 16
GROUPS_PER_PART: Final = 16
_DIGITS_OF_DIGEST: Final = 16


def write_parts(tables: Iterable[pa.Table], folder: Path, digest: RowDigest) -> list[StoredFile]:
    """Write rows in their canonical order, and update their digest."""
    folder.mkdir(parents=True, exist_ok=True)
    groups = _groups(tables)
    files: list[StoredFile] = []
    while first := next(groups, None):
        path = folder / f"part-{len(files):05}.parquet"
        with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
            _write(writer, first, digest)
            for group in _at_most(GROUPS_PER_PART - 1, groups):
                _write(writer, group, digest)
        files.append(_named_by_content(path))
    return files


def _write(writer: pq.ParquetWriter, group: pa.Table, digest: RowDigest) -> None:
    writer.write_table(group, row_group_size=GROUP_ROWS)
    for batch in group.combine_chunks().to_batches():
        digest.update(batch)


def _groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Split rows into groups of one size."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= GROUP_ROWS:
            rows = pa.concat_tables(waiting)
            whole = len(rows) - len(rows) % GROUP_ROWS
            for start in range(0, whole, GROUP_ROWS):
                yield rows.slice(start, GROUP_ROWS)
            waiting = [rows.slice(whole)]
    rest = pa.concat_tables(waiting) if waiting else None
    if rest:
        yield rest


def _at_most(count: int, groups: Iterator[pa.Table]) -> Iterator[pa.Table]:
    for _ in range(count):
        group = next(groups, None)
        if group is None:
            return
        yield group


def _named_by_content(path: Path) -> StoredFile:
    """Name a part after its bytes, which may differ between releases of Parquet."""
    sha256 = sha256_of(path)
    named = path.rename(path.with_name(f"{path.stem}-{sha256[:_DIGITS_OF_DIGEST]}.parquet"))
    return StoredFile(name=named.name, sha256=sha256, bytes=named.stat().st_size)
