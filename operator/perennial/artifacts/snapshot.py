"""`snapshot.json`: rows, columns and files of a snapshot."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError

from perennial.api.column_type import ColumnType
from perennial.api.digests import digest_of
from perennial.api.scalars import ColumnName, Digest, Time
from perennial.artifacts.document import Document
from perennial.artifacts.manifest import DigestMismatchError, StoredFile

SNAPSHOT_FILE: Final = "snapshot.json"

Format = Literal["perennial.dev/snapshot/v1"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SnapshotColumn(Document):
    """One column of a snapshot."""

    name: ColumnName
    """Name of the column."""
    type: ColumnType
    """Type of its values."""
    nullable: bool
    """Whether the contract allows missing values."""
    sha256: Sha256
    """Digest of its cells in the canonical order of the rows."""


class SnapshotManifest(Document):
    """The contents of a snapshot; its identity depends on rows, column names and types only."""

    format: Format = "perennial.dev/snapshot/v1"
    """Version of the format and of the digest."""
    contract: Digest
    """Identity of the first contract for which these rows were selected."""
    rows: Annotated[int, Field(ge=1)]
    """Number of rows."""
    from_: Annotated[Time | None, Field(alias="from")] = None
    """Time of the oldest row."""
    to: Time | None = None
    """Time of the newest row."""
    columns: Annotated[tuple[SnapshotColumn, ...], Field(min_length=1)]
    """Columns, by name."""
    files: Annotated[tuple[StoredFile, ...], Field(min_length=1)]
    """Parquet files in the order of their rows."""

    @classmethod
    def from_bytes(cls, content: bytes, digest: str) -> Self:
        """Read the manifest of a snapshot that must have this digest."""
        try:
            manifest = cls.model_validate_json(content)
        except ValidationError as error:
            raise DigestMismatchError(f"{SNAPSHOT_FILE} cannot be read: {error}") from error
        if manifest.digest != digest:
            raise DigestMismatchError(
                f"{SNAPSHOT_FILE} describes {manifest.digest}, expected {digest}"
            )
        return manifest

    @property
    def digest(self) -> str:
        """The identity of the rows."""
        columns = sorted(self.columns, key=lambda column: column.name)
        return digest_of(
            {
                "format": self.format,
                "rows": self.rows,
                "columns": [
                    {"name": column.name, "type": column.type, "sha256": column.sha256}
                    for column in columns
                ],
            }
        )

    @property
    def bytes(self) -> int:
        """Size of the Parquet files."""
        return sum(file.bytes for file in self.files)

    def parts(self, folder: Path) -> list[Path]:
        """Return the Parquet files in the order of their rows."""
        return [folder / file.name for file in self.files]

    def types(self) -> dict[str, ColumnType]:
        """Return the type of each column, by name."""
        return {column.name: column.type for column in self.columns}
