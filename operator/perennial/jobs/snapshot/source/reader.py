"""Reads the rows of a source file of any format."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from perennial.api.dataset import CSV
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.source.files import SourceFile
from perennial.jobs.snapshot.source.formats import delimited, json_lines, parquet
from perennial.jobs.snapshot.source.formats.unreadable import UnreadableFileError


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one file; every failure contains its name."""

    file: SourceFile
    csv: CSV

    @property
    def is_text(self) -> bool:
        """Whether the format has no types, so that they are inferred from the values."""
        return self.file.format == "CSV"

    def header(self) -> pa.Schema | None:
        """Return the columns; None for JSON Lines, which has no header."""
        with self._named():
            match self.file.format:
                case "Parquet":
                    return parquet.header(self.file.path)
                case "CSV":
                    return delimited.header(self.file.path, self.csv.delimiter)
                case "JSONLines":
                    return None

    def batches(self, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Read these columns; JSON Lines always returns all of them."""
        with self._named():
            match self.file.format:
                case "Parquet":
                    yield from parquet.batches(self.file.path, columns)
                case "CSV":
                    yield from delimited.batches(self.file.path, columns, self.csv.delimiter)
                case "JSONLines":
                    yield from json_lines.batches(self.file.path)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except UnreadableFileError as error:
            # the message of Arrow may quote a row, so it is neither shown nor logged
            raise JobFailure(error.reason, f"{self.file.name} {error}") from None
