"""Dataset: the contract for a table of data, and its verified snapshots."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from perennial.api.column_type import ColumnType
from perennial.api.conditions import Conditions
from perennial.api.gate import Outcome
from perennial.api.pod import JobRun, Owner
from perennial.api.scalars import (
    ColumnName,
    Count,
    DecimalString,
    Digest,
    Duration,
    Generation,
    Lag,
    Name,
    ObjectName,
    Path,
    Ratio,
    Text,
    Time,
    Word,
)
from perennial.api.schema import Rule, Spec, Status, list_map, rules

Format = Literal["Parquet", "CSV", "JSONLines"]
Character = Annotated[str, Field(min_length=1, max_length=1)]

_CSV_MEANS_CSV = Rule(
    "!has(self.csv) || !has(self.format) || self.format == 'CSV'",
    "csv applies only to CSV files: remove csv, or set format: CSV",
)


class Role(StrEnum):
    """Role of a column in training."""

    FEATURE = "Feature"
    GROUP = "Group"
    IDENTIFIER = "Identifier"
    IGNORE = "Ignore"


class CSV(Spec):
    """Dialect of a CSV file."""

    model_config = rules(
        Rule(
            "self.delimiter != self.decimal",
            "delimiter and decimal must differ: choose another character for one of them",
        )
    )

    delimiter: Character = ","
    """Character that separates two values."""
    decimal: Character = "."
    """Decimal separator."""


class ObjectSource(Spec):
    """Objects in an object store."""

    model_config = rules(_CSV_MEANS_CSV)

    store: Name = "default"
    """Name of an object store in the operator's configuration."""
    path: Path
    """Key of one object, or a prefix that ends with '/'."""
    format: Format | None = None
    """Format of the objects. Defaults to the format of the file extension."""
    csv: CSV | None = None
    """Dialect of CSV files."""


class VolumeSource(Spec):
    """Files on a PersistentVolumeClaim in the same namespace."""

    model_config = rules(_CSV_MEANS_CSV)

    claim_name: ObjectName
    """Name of the PersistentVolumeClaim."""
    path: Path
    """Path of one file, or of a folder, ending with '/'."""
    format: Format | None = None
    """Format of the files. Defaults to the format of the file extension."""
    csv: CSV | None = None
    """Dialect of CSV files."""


class Source(Spec):
    """Source of the rows."""

    model_config = rules(
        Rule(
            "has(self.object) != has(self.volume)",
            "set exactly one of source.object and source.volume",
        )
    )

    object: ObjectSource | None = None
    """Objects in an object store."""
    volume: VolumeSource | None = None
    """Files on a PersistentVolumeClaim."""


class Filter(Spec):
    """Selects the rows whose value in a column is one of those listed."""

    column: ColumnName
    """Name of the column."""
    values: Annotated[tuple[Word, ...], Field(min_length=1, max_length=256)]
    """Values to keep, as text."""


class Window(Spec):
    """Selects the rows of one time interval."""

    model_config = rules(
        Rule(
            "!has(self.end) || self.lag.startsWith('0')",
            "lag is measured from the newest row and has no effect with a fixed end; "
            "remove lag or end",
        )
    )

    duration: Duration
    """Length of the interval."""
    lag: Lag = "0d"
    """Time between the end of the interval and the newest row. Must be 0 with a fixed end."""
    end: Time | None = None
    """End of the interval, exclusive. Defaults to just after the newest row, minus lag."""


class Column(Spec):
    """Contract of one column."""

    model_config = rules(
        Rule(
            "(!has(self.minimum) && !has(self.maximum)) || self.type in ['Number', 'Integer']",
            "minimum and maximum require type Number or Integer; change type or remove them",
        ),
        Rule(
            "!has(self.minimum) || !has(self.maximum) "
            "|| double(self.minimum) <= double(self.maximum)",
            "minimum must not exceed maximum: lower minimum or raise maximum",
        ),
        Rule(
            "!has(self.allowedValues) || self.type == 'Category'",
            "allowedValues requires type Category; change type or remove allowedValues",
        ),
        Rule(
            "!has(self.maxMissing) || !has(self.nullable) || self.nullable",
            "maxMissing contradicts nullable: false; remove one of them",
        ),
    )

    name: ColumnName
    """Name of the column in the source."""
    type: ColumnType
    """Type of the values. A value that cannot be converted to this type fails the check."""
    nullable: bool | None = None
    """Whether values may be missing. Defaults to true."""
    minimum: DecimalString | None = None
    """Smallest allowed value."""
    maximum: DecimalString | None = None
    """Largest allowed value."""
    max_missing: Ratio | None = None
    """Largest allowed share of missing values, from 0 to 1."""
    allowed_values: Annotated[tuple[Word, ...], Field(min_length=1, max_length=512)] | None = None
    """Allowed values. Defaults to any value."""
    role: Role = Role.FEATURE
    """Feature: an input of models. Group: only for splitting. Identifier and Ignore: unused."""


class Quality(Spec):
    """Requirements on the rows as a whole."""

    min_rows: Annotated[int, Field(ge=1, le=10**12)] | None = None
    """Smallest allowed number of rows."""
    max_age: Duration | None = None
    """Largest allowed age of the newest row when the snapshot is taken."""
    unique_key: Annotated[tuple[ColumnName, ...], Field(min_length=1, max_length=16)] | None = None
    """Columns that together identify a row."""
    max_duplicates: Ratio | None = None
    """Largest allowed share of duplicates, by uniqueKey. Without it, all columns are compared."""
    forbidden_columns: Annotated[tuple[ColumnName, ...], Field(max_length=128)] = ()
    """Columns that the source must not contain."""
    personal_data: Literal["Forbid", "Warn", "Ignore"] = "Ignore"
    """Handling of e-mail addresses, telephone, card and national numbers in text columns."""


class Refresh(Spec):
    """Schedule of new snapshots."""

    every: Duration
    """Interval between two snapshots."""


class DatasetSpec(Spec):
    """Desired contract and source of the data."""

    # A Job reads its contract from an annotation, and the annotations of a pod share 256 KiB.
    model_config = rules(
        Rule(
            "!has(self.columns) || self.columns.map(c, has(c.allowedValues) "
            "? c.allowedValues.size() : 0).sum() <= 1000",
            "columns may list at most 1000 allowedValues in total: remove allowedValues from "
            "columns with many values",
        ),
        Rule(
            "!has(self.filter) || self.filter.map(f, f.values.size()).sum() <= 256",
            "filter may list at most 256 values in total: filter by a column with fewer values",
        ),
        Rule(
            "!has(self.window) || has(self.timeColumn)",
            "window requires timeColumn: set it to the column with the time of each row",
        ),
        Rule(
            "!has(self.quality) || !has(self.quality.maxAge) || has(self.timeColumn)",
            "quality.maxAge requires timeColumn: set it to the column with the time of each row",
        ),
        Rule(
            "!has(self.quality) || !has(self.quality.maxAge) || !has(self.window) "
            "|| !has(self.window.end)",
            "quality.maxAge and window.end contradict each other; remove one of them",
        ),
        Rule(
            "!has(self.timeColumn) || !has(self.columns) "
            "|| self.columns.all(c, c.name != self.timeColumn || c.type == 'Timestamp')",
            "the column named by timeColumn must have type Timestamp",
        ),
        Rule(
            "self.otherColumns == 'Infer' || (has(self.columns) && self.columns.size() > 0)",
            "no column is left: declare columns, or set otherColumns: Infer",
        ),
        Rule(
            "!has(self.quality) || !has(self.quality.forbiddenColumns) || !has(self.columns) "
            "|| self.columns.all(c, !(c.name in self.quality.forbiddenColumns))",
            "a column is both declared and forbidden; remove it from one of "
            "columns and quality.forbiddenColumns",
        ),
    )

    description: Text | None = None
    """Human-readable description of the rows."""
    owner: Owner | None = None
    """Team that is responsible for the data."""
    source: Source
    """Source of the rows."""
    filter: Annotated[tuple[Filter, ...], Field(max_length=16)] = ()
    """Filters that a row must pass, all of them."""
    time_column: ColumnName | None = None
    """Column with the time of each row."""
    window: Window | None = None
    """Selects the rows of one time interval."""
    columns: Annotated[tuple[Column, ...], Field(max_length=256), list_map()] = ()
    """Contracts of the columns."""
    other_columns: Literal["Infer", "Ignore", "Refuse"] = "Infer"
    """Handling of undeclared columns: infer their types, leave them out, or fail."""
    quality: Quality = Quality()
    """Requirements on the rows as a whole."""
    refresh: Refresh | None = None
    """Schedule of new snapshots. Without it, only a change of the spec takes a new one."""
    keep: Annotated[int, Field(ge=1, le=50)] = 10
    """Number of snapshots listed in the status. Stored snapshots are never deleted."""
    job: JobRun = JobRun()
    """Settings of the snapshot Job."""


class Snapshot(Status):
    """An immutable, content-addressed copy of the rows that the contract selects."""

    digest: Digest
    """Digest of the rows. Equal rows have equal digests, whatever files they came from."""
    contract: Digest
    """Digest of the contract under which the snapshot was taken."""
    path: Path
    """Path of the snapshot in the object store."""
    rows: Count
    """Number of rows."""
    from_: Annotated[Time | None, Field(alias="from")] = None
    """Time of the oldest row."""
    to: Time | None = None
    """Time of the newest row."""
    bytes: Count
    """Size of the stored files, in bytes."""
    taken_at: Time
    """Time at which the Job that took the snapshot ended."""


class QualityCheck(Status):
    """Result of one check of the contract."""

    name: Word
    """Name of the check."""
    column: ColumnName | None = None
    """Name of the column. Not set for a check of the rows as a whole."""
    outcome: Outcome
    """Outcome of the check."""
    observed: Annotated[str, Field(max_length=256)]
    """Observed value."""
    limit: Annotated[str, Field(max_length=256)]
    """Allowed value."""


class QualityReport(Status):
    """Results of the checks in the newest attempt at a snapshot."""

    outcome: Outcome
    """Failed if any check failed."""
    passed: Count
    """Number of checks that passed."""
    checks: Annotated[tuple[QualityCheck, ...], Field(max_length=32)] = ()
    """Checks that did not pass, worst first. Truncated to fit the report."""


class DatasetStatus(Status):
    """Observed state of a Dataset."""

    observed_generation: Generation = -1
    """Newest generation of the spec that this status reflects. -1 before the first visit."""
    snapshot: Snapshot | None = None
    """Newest snapshot that passed every check."""
    quality: QualityReport | None = None
    """Results of the checks in the newest attempt."""
    history: Annotated[tuple[Snapshot, ...], Field(max_length=50)] = ()
    """Most recent snapshots, newest first."""
    conditions: Conditions = ()
    """Conditions of types Ready, Reconciling, Stalled and Degraded."""
