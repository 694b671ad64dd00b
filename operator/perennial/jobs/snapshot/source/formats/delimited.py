"""CSV files: every value is read as text, so that types are decided in one place."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

import pyarrow as pa
import pyarrow.csv

from perennial.api.reasons import JobReason
from perennial.jobs.snapshot.masking import listed
from perennial.jobs.snapshot.source.formats.unreadable import (
    UnreadableFileError,
    check_unique,
    not_text,
)

MISSING: Final = ["", "NA", "N/A", "NaN", "nan", "NULL", "null"]
"""Unquoted texts that mean a missing value; of quoted texts only the empty one does."""

_BLOCK_BYTES: Final = 4 << 20
_SEPARATORS: Final = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'"}
_WRONG_WIDTH = re.compile(r"Expected (\d+) columns, got (\d+)")


def header(path: Path, delimiter: str) -> pa.Schema:
    """Return the columns of a file; all are text."""
    with pa.input_stream(str(path), compression="detect") as stream:
        first_lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            names = next(csv.reader(first_lines, delimiter=delimiter), [])
        except (csv.Error, UnicodeDecodeError, OSError) as error:
            raise not_text() from error
    if not names:
        raise UnreadableFileError("is empty: upload a file with a header and rows")
    _check_separator(names, delimiter)
    check_unique(names)
    return pa.schema([(name, pa.string()) for name in names])


def batches(path: Path, columns: Sequence[str], delimiter: str) -> Iterator[pa.RecordBatch]:
    """Read these columns."""
    with pa.input_stream(str(path), compression="detect") as stream:
        try:
            yield from _reader(stream, columns, delimiter)
        except (pa.ArrowException, OSError) as error:
            _explain(str(error))


def _reader(
    stream: pa.NativeFile, columns: Sequence[str], delimiter: str
) -> pyarrow.csv.CSVStreamingReader:
    return pyarrow.csv.open_csv(
        stream,
        read_options=pyarrow.csv.ReadOptions(block_size=_BLOCK_BYTES),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=list(columns),
            column_types=dict.fromkeys(columns, pa.string()),
            null_values=MISSING,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def _check_separator(names: list[str], delimiter: str) -> None:
    if len(names) > 1:
        return
    for other, spelling in _SEPARATORS.items():
        meant = names[0].split(other)
        if other != delimiter and len(meant) > 1:
            raise UnreadableFileError(
                f"has a single column when split at {_SEPARATORS.get(delimiter, delimiter)}, and "
                f"{len(meant)} when split at {spelling}: {listed(meant)}; set csv.delimiter of the "
                f"source to {spelling}",
                JobReason.SCHEMA_MISMATCH,
            )


def _explain(error: str) -> NoReturn:
    """Return the error without Arrow's message, which quotes the row."""
    if width := _WRONG_WIDTH.search(error):
        raise UnreadableFileError(
            f"has a row of {width[2]} values under a header of {width[1]}: correct the row, "
            "quote values that contain the delimiter, or set csv.delimiter of the source"
        ) from None
    if "UTF8" in error:
        raise not_text() from None
    if "straddling" in error:
        raise UnreadableFileError(
            f"has a row longer than {_BLOCK_BYTES >> 20} MiB, or a quote that is never closed"
        ) from None
    raise UnreadableFileError("is not CSV: correct the file, or the format") from None
