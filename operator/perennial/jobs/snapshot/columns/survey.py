"""A first pass over all files, which finds the columns of a snapshot and their types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perennial.api.column_type import ColumnType
from perennial.api.dataset import DatasetSpec
from perennial.api.reasons import JobReason
from perennial.jobs.progress import Progress
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.columns.inference import Inference
from perennial.jobs.snapshot.columns.projection import (
    FileColumns,
    declared_types,
    forbidden_columns,
    selected_columns,
)
from perennial.jobs.snapshot.masking import listed
from perennial.jobs.snapshot.source.reader import Reader

Types = Mapping[str, ColumnType]


@dataclass(frozen=True, slots=True)
class Survey:
    """Columns of the source."""

    types: Types
    """Type of each column of the snapshot, in the order of their names."""
    forbidden: Sequence[str]
    """Forbidden columns that the source has."""


def survey(readers: Sequence[Reader], contract: DatasetSpec, previous: Types) -> Survey:
    """Read headers and, where needed, rows; each column has one type across all files."""
    evidence = _Evidence(readers)
    found = evidence.of_headers()
    columns = selected_columns(contract, found)
    declared = declared_types(contract)
    inferred = [name for name in columns if name not in declared]
    evidence.check_forms(columns)
    evidence.of_rows(inferred)
    types = {
        name: evidence.type_of(name) or previous.get(name, ColumnType.CATEGORY) for name in inferred
    }
    _check_unchanged(types, previous)
    types = {**types, **declared}
    return Survey({name: types[name] for name in columns}, forbidden_columns(contract, found))


class _Evidence:
    """Types by the headers, and by as many rows as are needed beyond them."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = readers
        self._inferences: dict[str, Inference] = {}
        self._progress = Progress("looked at")

    def of_headers(self) -> list[FileColumns]:
        """Return the columns of each file; JSON Lines has no header, so all rows are read."""
        found = []
        for reader in self._readers:
            header = reader.header()
            if header is None:
                self._look_at_all(reader)
            else:
                found.append(FileColumns(reader.file.name, header.names))
                for field in header:
                    self._inference(field.name, reader).look_at_form(field.type)
        # a missing key is a missing value, so all such files have the same columns
        return found or [
            FileColumns(reader.file.name, [*self._inferences]) for reader in self._readers
        ]

    def of_rows(self, columns: Sequence[str]) -> None:
        """Read text columns until each of them is a Category, or to the end."""
        for reader in self._readers:
            if undecided := self._undecided(columns):
                self._look_until_settled(reader, undecided)
        if self._progress.rows:
            self._progress.end()

    def type_of(self, name: str) -> ColumnType | None:
        """Return the type of a column; None if it has no values."""
        return self._inferences[name].type()

    def check_forms(self, columns: Sequence[str]) -> None:
        """Raise if a column has lists, objects or other values without a column type."""
        for name in columns:
            if form := self._inferences[name].unreadable_form:
                raise JobFailure(
                    JobReason.SCHEMA_MISMATCH,
                    f"column {listed([name])} holds values of the form {form}, which no column "
                    "type describes: leave it out of the source, or set otherColumns to Ignore",
                )

    def _look_at_all(self, reader: Reader) -> None:
        for batch in reader.batches():
            self._progress.add(batch.num_rows, reader.file.name)
            for name, cells in zip(batch.schema.names, batch.columns, strict=True):
                self._inference(name, reader).look(cells)

    def _look_until_settled(self, reader: Reader, columns: Sequence[str]) -> None:
        for batch in reader.batches(columns):
            self._progress.add(batch.num_rows, reader.file.name)
            for name in columns:
                self._inferences[name].look(batch.column(name))
            if not self._undecided(columns):
                return

    def _undecided(self, columns: Sequence[str]) -> list[str]:
        return [name for name in columns if self._inferences[name].needs_rows]

    def _inference(self, name: str, reader: Reader) -> Inference:
        return self._inferences.setdefault(
            name, Inference(reader.csv.decimal, is_text=reader.is_text)
        )


def _check_unchanged(types: Types, previous: Types) -> None:
    for name, kind in types.items():
        before = previous.get(name, kind)
        if before is not kind:
            raise JobFailure(
                JobReason.SCHEMA_CHANGED,
                f"column {listed([name])} was {before} in the last snapshot, and its values are "
                f"now {kind}: correct the source, or declare its type under columns",
            )
