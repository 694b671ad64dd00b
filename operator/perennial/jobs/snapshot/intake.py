"""Collects the rows of a snapshot: counts, scans for personal data, spills to disk."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from perennial.api.dataset import DatasetSpec
from perennial.jobs.snapshot.columns.survey import Survey
from perennial.jobs.snapshot.order.row_hash import cell_hashes, row_hashes
from perennial.jobs.snapshot.order.spill import Spill, with_safe_names
from perennial.jobs.snapshot.quality.checks import Evidence, limits_repeats
from perennial.jobs.snapshot.quality.personal_data import PersonalDataScan
from perennial.jobs.snapshot.quality.tallies import tallies_of
from perennial.jobs.snapshot.selection import moment
from perennial.jobs.snapshot.typed_rows import TypedRows


class Intake:
    """All rows of a snapshot, not sorted yet."""

    def __init__(self, contract: DatasetSpec, survey: Survey, folder: Path) -> None:
        """Start without rows; the folder holds those that do not fit into memory."""
        self.rows = 0
        self.tallies = tallies_of(contract, survey.types)
        self._contract = contract
        self._survey = survey
        self._personal_data = PersonalDataScan()
        self._spill = Spill(folder / "rows")
        key = contract.quality.unique_key
        self._key = list(key) if key else None
        self._keys = Spill(folder / "keys") if key else None

    def take(self, rows: TypedRows) -> None:
        """Add further rows."""
        self.rows += rows.cells.num_rows
        for tally in self.tallies.values():
            tally.update(rows)
        if self._contract.quality.personal_data != "Ignore":
            for name, cells in zip(rows.cells.schema.names, rows.cells.columns, strict=True):
                self._personal_data.look(name, cells)
        hashes = cell_hashes(rows.cells)
        self._spill.add(rows.cells, row_hashes(hashes))
        if self._key and self._keys:
            key_hashes = row_hashes({name: hashes[name] for name in self._key})
            self._keys.add(rows.cells.select(self._key), key_hashes)

    def in_order(self) -> Iterator[pa.Table]:
        """Return all rows in their canonical order."""
        return self._spill.in_order()

    def times(self) -> tuple[datetime | None, datetime | None]:
        """Return the times of the oldest and the newest row."""
        column = self._contract.time_column
        tally = self.tallies[column] if column is not None else None
        if tally is None or tally.smallest is None or tally.largest is None:
            return None, None
        return moment(tally.smallest), moment(tally.largest)

    def evidence(self, now: datetime) -> Evidence:
        """Return the input of the checks."""
        return Evidence(
            contract=self._contract,
            tallies=self.tallies,
            rows=self.rows,
            repeats=self._repeats() if limits_repeats(self._contract) else 0,
            newest=self.times()[1],
            forbidden=self._survey.forbidden,
            personal_data=tuple(self._personal_data.matches()),
            now=now,
        )

    def _repeats(self) -> int:
        """Count the duplicates of earlier rows; equal rows are in the same part."""
        spill = self._keys or self._spill
        return sum(
            len(part) - part.group_by(part.column_names).aggregate([]).num_rows
            for part in map(with_safe_names, spill.parts())
        )
