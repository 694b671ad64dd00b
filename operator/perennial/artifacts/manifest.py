"""`manifest.json` of an artifact: its files with their digests. Its own digest is the identity."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic.types import JsonValue

from perennial.api.digests import canonical_json
from perennial.api.reasons import JobReason
from perennial.artifacts.document import Document
from perennial.artifacts.errors import ArtifactError

MANIFEST_FILE: Final = "manifest.json"

_CHUNK = 1 << 20

FileName = Annotated[
    str,
    Field(
        max_length=255,
        # every part begins with a letter or digit: neither '..' nor '/' can lead out of a folder
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$",
    ),
]


class DigestMismatchError(ArtifactError):
    """A file does not match its digest."""

    def __init__(self, message: str) -> None:
        super().__init__(JobReason.DIGEST_MISMATCH, message)


class StoredFile(Document):
    """One file, with its digest and size."""

    name: FileName
    """Name below the folder."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of its bytes."""
    bytes: Annotated[int, Field(ge=0)]
    """Number of its bytes."""

    def verify(self, folder: Path) -> None:
        """Raise when the file is missing or changed."""
        path = folder / self.name
        if path.is_symlink() or not path.is_file():
            raise DigestMismatchError(f"{self.name} is missing")
        size = path.stat().st_size
        if size != self.bytes:
            raise DigestMismatchError(f"{self.name} has {size} bytes, expected {self.bytes}")
        if (found := sha256_of(path)) != self.sha256:
            raise DigestMismatchError(
                f"{self.name} has changed: its SHA-256 is {found}, expected {self.sha256}"
            )


class ArtifactManifest(Document):
    """Everything that an artifact consists of."""

    format: Literal["perennial.dev/artifact/v1"] = "perennial.dev/artifact/v1"
    """How to read the artifact."""
    files: Annotated[tuple[StoredFile, ...], Field(min_length=1, max_length=4096)]
    """Its files, by name."""
    metadata: Annotated[dict[str, JsonValue], Field(default_factory=dict)]
    """Facts about the artifact; independent of time, place and version number."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [file.name for file in self.files]
        if names != sorted(set(names)):
            raise ValueError("files must be sorted by name, without a name twice")
        return self

    @classmethod
    def of_folder(cls, folder: Path, metadata: dict[str, JsonValue] | None = None) -> Self:
        """Return the manifest of every file in a folder."""
        return cls(files=describe(folder, _names_in(folder)), metadata=metadata or {})

    @classmethod
    def from_bytes(cls, content: bytes, digest: str) -> Self:
        """Read a manifest that must have this digest."""
        found = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if found != digest:
            raise DigestMismatchError(f"{MANIFEST_FILE} has digest {found}, expected {digest}")
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise DigestMismatchError(f"{MANIFEST_FILE} cannot be read: {error}") from error

    def to_bytes(self) -> bytes:
        """Return the canonical JSON, of which the digest is taken."""
        return canonical_json(self.model_dump(mode="json", by_alias=True)).encode()

    @property
    def digest(self) -> str:
        """The identity of the artifact."""
        return f"sha256:{hashlib.sha256(self.to_bytes()).hexdigest()}"

    @property
    def bytes(self) -> int:
        """Size of all files together, without the manifest."""
        return sum(file.bytes for file in self.files)

    def verify(self, folder: Path) -> None:
        """Raise if a file is missing, changed or not part of the manifest."""
        for file in self.files:
            file.verify(folder)
        named = {file.name for file in self.files}
        for name in _names_in(folder):
            if name not in named:
                raise DigestMismatchError(f"{name} is not part of the artifact")


def describe(folder: Path, names: Iterable[str]) -> tuple[StoredFile, ...]:
    """Return these files of a folder with their digests, by name."""
    return tuple(
        StoredFile(name=name, sha256=sha256_of(folder / name), bytes=(folder / name).stat().st_size)
        for name in sorted(names)
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _names_in(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return sorted(
        name for path in files if (name := path.relative_to(folder).as_posix()) != MANIFEST_FILE
    )
