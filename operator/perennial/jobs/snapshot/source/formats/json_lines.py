"""JSON Lines files: one object per line, read in blocks of whole lines."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

import pyarrow as pa
import pyarrow.json

from perennial.api.reasons import JobReason
from perennial.jobs.snapshot.source.formats.unreadable import UnreadableFileError, not_text

BLOCK_BYTES: Final = 4 << 20
_LONGEST_LINE: Final = 64 << 20
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_CHANGED = re.compile(r"Column\(/?(.*?)\) (?:changed from|was) (\w+).* (?:to|expected) (\w+)")
_TWICE = re.compile(r"Column\(/(.*)\) was specified twice")
_ROW = re.compile(r"in row (\d+)")


def batches(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[pa.RecordBatch]:
    """Read all columns; a missing key is a missing value."""
    texts: set[str] = set()
    rows = 0
    for block in _blocks(path, block_bytes):
        _check_text(block, rows)
        try:
            table = _parsed(block, texts)
        except pa.ArrowException as error:
            _explain(str(error), rows)
        rows += len(table)
        yield from table.to_batches()


def _check_text(block: bytes, rows_before: int) -> None:
    """Raise at the first byte that is no UTF-8: Arrow's reader takes such text as it is."""
    try:
        block.decode()
    except UnicodeDecodeError as error:
        *lines, _ = block[: error.start].split(b"\n")
        raise not_text(rows_before + len([line for line in lines if line.strip()]) + 1) from None


def _parsed(block: bytes, texts: set[str]) -> pa.Table:
    """Parse a block; times stay text, as in every other format."""
    table = _read(block, texts)
    times = {field.name for field in table.schema if pa.types.is_timestamp(field.type)}
    if not times:
        return table
    texts |= times
    return _read(block, texts)


def _read(block: bytes, texts: set[str]) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in sorted(texts)])
    return pyarrow.json.read_json(
        pa.BufferReader(block),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(block) + 1),
        parse_options=pyarrow.json.ParseOptions(explicit_schema=schema if texts else None),
    )


def _blocks(path: Path, block_bytes: int) -> Iterator[bytes]:
    """Split a file at line ends into blocks of a few megabytes."""
    with pa.input_stream(str(path), compression="detect") as stream:
        rest = b""
        while chunk := _next_chunk(stream, block_bytes):
            whole, end, rest_of_chunk = (rest + chunk).rpartition(b"\n")
            rest = rest_of_chunk
            if len(rest) > _LONGEST_LINE:
                raise UnreadableFileError("is not JSON Lines: write one object a line")
            yield from _unless_blank(whole + end)
        yield from _unless_blank(rest)


def _next_chunk(stream: pa.NativeFile, block_bytes: int) -> bytes:
    try:
        chunk: bytes = stream.read(block_bytes)
    except OSError as error:
        raise UnreadableFileError(f"is damaged ({error}): upload it again") from error
    return chunk


def _unless_blank(block: bytes) -> Iterator[bytes]:
    block = block.removeprefix(_BYTE_ORDER_MARK)
    if block.strip():
        yield block


def _explain(error: str, rows_before: int) -> NoReturn:
    row = int(found[1]) + rows_before + 1 if (found := _ROW.search(error)) else None
    where = f"row {row} " if row else ""
    if changed := _CHANGED.search(error):
        if not changed[1]:
            raise UnreadableFileError("is not JSON Lines: write one object a line") from None
        raise UnreadableFileError(
            f"{where}changes column {changed[1]!r} from {changed[2]} to {changed[3]}: "
            "write one type in all rows",
            JobReason.SCHEMA_MISMATCH,
        ) from None
    if twice := _TWICE.search(error):
        raise UnreadableFileError(f"{where}names {twice[1]!r} twice") from None
    raise UnreadableFileError(
        f"{where}is not JSON: write one object a line; is the file cut off?"
    ) from None
