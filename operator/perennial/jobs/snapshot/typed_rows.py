"""Rows of a source file with typed cells, unreadable cells and row numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.api.column_type import ColumnType
from perennial.artifacts.rows import ARROW_TYPES
from perennial.jobs.snapshot.columns.conversion import plain_cells, typed
from perennial.jobs.snapshot.source.reader import Reader


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Some rows of one file."""

    file: str
    numbers: NDArray[np.int64]
    """Number of each row in its file, from 1."""
    cells: pa.RecordBatch
    """Values, or null where a value is missing or cannot be read."""
    unreadable_cells: Mapping[str, pa.StringArray]
    """Text of unreadable cells, for the columns that have any."""

    def where(self, keep: pa.BooleanArray) -> "TypedRows":
        """Return the rows of the mask."""
        if keep.true_count == len(keep):
            return self
        return replace(
            self,
            numbers=self.numbers[keep.to_numpy(zero_copy_only=False)],
            cells=self.cells.filter(keep),
            unreadable_cells={
                name: cells.filter(keep) for name, cells in self.unreadable_cells.items()
            },
        )

    def unreadable(self, column: str) -> pa.StringArray:
        """Return the text of the unreadable cells of a column; null for all others."""
        found = self.unreadable_cells.get(column)
        return pa.nulls(len(self.numbers), pa.string()) if found is None else found


def typed_rows(reader: Reader, types: Mapping[str, ColumnType]) -> Iterator[TypedRows]:
    """Read the rows of a file with these columns and types."""
    first = 1
    for batch in reader.batches([*types]):
        yield _typed(reader, batch, types, first)
        first += batch.num_rows


def _typed(
    reader: Reader, batch: pa.RecordBatch, types: Mapping[str, ColumnType], first: int
) -> TypedRows:
    present = set(batch.schema.names)
    raw = {
        name: batch.column(name) if name in present else pa.nulls(batch.num_rows) for name in types
    }
    columns = {name: typed(raw[name], kind, reader.csv.decimal) for name, kind in types.items()}
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in types.items()])
    return TypedRows(
        file=reader.file.name,
        numbers=np.arange(first, first + batch.num_rows),
        cells=pa.RecordBatch.from_arrays(
            [column.cells for column in columns.values()], schema=schema
        ),
        unreadable_cells={
            name: pc.if_else(column.unreadable, plain_cells(raw[name]).cast(pa.string()), None)
            for name, column in columns.items()
            if column.unreadable.true_count
        },
    )
