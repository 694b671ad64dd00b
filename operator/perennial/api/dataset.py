"""Dataset: the contract for a table of data, and the verified snapshots taken of it."""

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
    "csv describes a CSV file: remove csv, or set format: CSV",
)


class Role(StrEnum):
    """What a column is for."""

    FEATURE = "Feature"
    GROUP = "Group"
    IDENTIFIER = "Identifier"
    IGNORE = "Ignore"


class CSV(Spec):
    """How a CSV file is written."""

    model_config = rules(
        Rule(
            "self.delimiter != self.decimal",
            "delimiter and decimal must differ: choose another character for one of them",
        )
    )

    delimiter: Character = ","
    """Character between two values."""
    decimal: Character = "."
    """Character between whole and fraction."""


class ObjectSource(Spec):
    """Objects of a store that the administrator configured."""

    model_config = rules(_CSV_MEANS_CSV)

    store: Name = "default"
    """Name of an object store from the operator's configuration."""
    path: Path
    """One object, or a prefix that ends with '/'."""
    format: Format | None = None
    """Format of the objects; absent: told by their suffix."""
    csv: CSV | None = None
    """How CSV files are written."""


class VolumeSource(Spec):
    """Files of a PersistentVolumeClaim in the same namespace."""

    model_config = rules(_CSV_MEANS_CSV)

    claim_name: ObjectName
    """Name of the PersistentVolumeClaim."""
    path: Path
    """One file, or a folder that ends with '/'."""
    format: Format | None = None
    """Format of the files; absent: told by their suffix."""
    csv: CSV | None = None
    """How CSV files are written."""


class Source(Spec):
    """Where the rows come from."""

    model_config = rules(
        Rule(
            "has(self.object) != has(self.volume)",
            "set exactly one of source.object and source.volume",
        )
    )

    object: ObjectSource | None = None
    """Objects of a configured store."""
    volume: VolumeSource | None = None
    """Files of a PersistentVolumeClaim."""


class Filter(Spec):
    """Keeps the rows whose value is one of those named."""

    column: ColumnName
    """Column that is compared."""
    values: Annotated[tuple[Word, ...], Field(min_length=1, max_length=256)]
    """Values that are kept, as text."""


class Window(Spec):
    """Keeps the rows of one stretch of time."""

    model_config = rules(
        Rule(
            "!has(self.end) || self.lag.startsWith('0')",
            "lag is counted from the newest row, so a fixed end leaves it without meaning; "
            "remove lag or end",
        )
    )

    duration: Duration
    """Length of the stretch."""
    lag: Lag = "0d"
    """Distance between the newest row and the end; not used with a fixed end."""
    end: Time | None = None
    """First moment that is no longer part of it; absent: just after the newest row, less lag."""


class Column(Spec):
    """What the values of one column must be."""

    model_config = rules(
        Rule(
            "(!has(self.minimum) && !has(self.maximum)) || self.type in ['Number', 'Integer']",
            "minimum and maximum need type Number or Integer; change type or remove them",
        ),
        Rule(
            "!has(self.minimum) || !has(self.maximum) "
            "|| double(self.minimum) <= double(self.maximum)",
            "minimum must not exceed maximum: lower the one or raise the other",
        ),
        Rule(
            "!has(self.allowedValues) || self.type == 'Category'",
            "allowedValues needs type Category; change type or remove allowedValues",
        ),
        Rule(
            "!has(self.maxMissing) || !has(self.nullable) || self.nullable",
            "maxMissing contradicts nullable: false; remove one of them",
        ),
    )

    name: ColumnName
    """Name of the column in the source."""
    type: ColumnType
    """Type of its values; a value that cannot be read as this type fails the check."""
    nullable: bool | None = None
    """Whether values may be missing; absent: yes."""
    minimum: DecimalString | None = None
    """Smallest value that may occur."""
    maximum: DecimalString | None = None
    """Largest value that may occur."""
    max_missing: Ratio | None = None
    """Largest share of missing values, from 0 to 1."""
    allowed_values: Annotated[tuple[Word, ...], Field(min_length=1, max_length=512)] | None = None
    """Values that may occur."""
    role: Role = Role.FEATURE
    """Feature: learned from; Group: split by, not learned from; Identifier, Ignore: neither."""


class Quality(Spec):
    """What the rows must satisfy as a whole."""

    min_rows: Annotated[int, Field(ge=1, le=10**12)] | None = None
    """Smallest number of rows."""
    max_age: Duration | None = None
    """Largest age of the newest row when the snapshot is taken."""
    unique_key: Annotated[tuple[ColumnName, ...], Field(min_length=1, max_length=16)] | None = None
    """Columns that together tell rows apart."""
    max_duplicates: Ratio | None = None
    """Largest share of rows that repeat another (in uniqueKey, else in all columns)."""
    forbidden_columns: Annotated[tuple[ColumnName, ...], Field(max_length=128)] = ()
    """Columns that must not be in the source."""
    personal_data: Literal["Forbid", "Warn", "Ignore"] = "Ignore"
    """What e-mail, telephone, card and national numbers in text columns lead to."""


class Refresh(Spec):
    """When a new snapshot is taken without anybody asking."""

    every: Duration
    """Time between two snapshots."""


class DatasetSpec(Spec):
    """What the data must be, and where it comes from."""

    # A Job learns its contract from an annotation, and those of one pod share 256 KiB.
    model_config = rules(
        Rule(
            "!has(self.columns) || self.columns.map(c, has(c.allowedValues) "
            "? c.allowedValues.size() : 0).sum() <= 1000",
            "columns may name 1000 allowedValues in all: remove allowedValues where they are many",
        ),
        Rule(
            "!has(self.filter) || self.filter.map(f, f.values.size()).sum() <= 256",
            "filter may name 256 values in all: filter by a column with fewer values",
        ),
        Rule(
            "!has(self.window) || has(self.timeColumn)",
            "window needs timeColumn: name the column that holds each row's time",
        ),
        Rule(
            "!has(self.quality) || !has(self.quality.maxAge) || has(self.timeColumn)",
            "quality.maxAge needs timeColumn: name the column that holds each row's time",
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
            "otherColumns leaves no column at all: declare columns, or set otherColumns: Infer",
        ),
        Rule(
            "!has(self.quality) || !has(self.quality.forbiddenColumns) || !has(self.columns) "
            "|| self.columns.all(c, !(c.name in self.quality.forbiddenColumns))",
            "a column is both declared and forbidden; remove it from one of "
            "columns and quality.forbiddenColumns",
        ),
    )

    description: Text | None = None
    """What the rows are."""
    owner: Owner | None = None
    """Who answers for the data."""
    source: Source
    """Where the rows come from."""
    filter: Annotated[tuple[Filter, ...], Field(max_length=16)] = ()
    """Keeps the rows that satisfy every filter."""
    time_column: ColumnName | None = None
    """Column that holds each row's time."""
    window: Window | None = None
    """Keeps the rows of one stretch of time."""
    columns: Annotated[tuple[Column, ...], Field(max_length=256), list_map()] = ()
    """What the values of the columns must be."""
    other_columns: Literal["Infer", "Ignore", "Refuse"] = "Infer"
    """What becomes of columns that are not declared: typed by their values, left out, an error."""
    quality: Quality = Quality()
    """What the rows must satisfy as a whole."""
    refresh: Refresh | None = None
    """When a new snapshot is taken without anybody asking; absent: only when the spec changes."""
    keep: Annotated[int, Field(ge=1, le=50)] = 10
    """How many snapshots status remembers; stored bytes are never erased."""
    job: JobRun = JobRun()
    """How the snapshot Job runs."""


class Snapshot(Status):
    """An immutable, content-addressed copy of the rows that the contract selects."""

    digest: Digest
    """Identity of the rows: equal rows have equal digests, whatever files they came from."""
    contract: Digest
    """Identity of the contract that it was taken under."""
    path: Path
    """Where it stands in the store."""
    rows: Count
    """Number of rows."""
    from_: Annotated[Time | None, Field(alias="from")] = None
    """Time of the oldest row."""
    to: Time | None = None
    """Time of the newest row."""
    bytes: Count
    """Size of the stored files."""
    taken_at: Time
    """When the Job that took it ended."""


class QualityCheck(Status):
    """One check of the contract, with its numbers."""

    name: Word
    """Which check."""
    column: ColumnName | None = None
    """Which column; absent: the rows as a whole."""
    outcome: Outcome
    """How it ended."""
    observed: Annotated[str, Field(max_length=256)]
    """What was found."""
    limit: Annotated[str, Field(max_length=256)]
    """What was allowed."""


class QualityReport(Status):
    """How the newest attempt at a snapshot was judged."""

    outcome: Outcome
    """Failed when any check failed."""
    passed: Count
    """Number of checks that passed."""
    checks: Annotated[tuple[QualityCheck, ...], Field(max_length=32)] = ()
    """Checks that did not pass, worst first, as many as fit."""


class DatasetStatus(Status):
    """What the operator knows about a Dataset."""

    observed_generation: Generation = -1
    """The newest generation of the spec that this status speaks of."""
    snapshot: Snapshot | None = None
    """The newest snapshot that passed every check."""
    quality: QualityReport | None = None
    """How the newest attempt was judged."""
    history: Annotated[tuple[Snapshot, ...], Field(max_length=50)] = ()
    """The newest snapshots, newest first."""
    conditions: Conditions = ()
    """Ready, Reconciling, Stalled, Degraded."""
