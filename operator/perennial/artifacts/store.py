"""Locations of objects, and the operations that Perennial needs of an object store."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Protocol, Self

from pydantic import Field

from perennial.api.configuration import Prefix
from perennial.api.schema import Spec

STORE_VARIABLE: Final = "PERENNIAL_STORE"


class StoreLocation(Spec):
    """One bucket of one object store, without the credentials that open it."""

    endpoint: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """URL of the S3 API; defaults to that of the region."""
    bucket: Annotated[str, Field(min_length=3, max_length=63)]
    """Bucket that holds sources, snapshots and artifacts."""
    prefix: Prefix = ""
    """Prefix of every key; ends with '/'."""
    region: str = "us-east-1"
    """Region of the bucket."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the location from the environment of this pod."""
        return cls.model_validate_json(environment[STORE_VARIABLE])

    def key(self, path: str) -> str:
        """Return the whole key of a path below the prefix."""
        return f"{self.prefix}{path}"

    def snapshot(self, namespace: str, digest: str) -> str:
        """Return the key prefix of a snapshot's files."""
        return self._content(namespace, "snapshots", digest)

    def artifact(self, namespace: str, digest: str) -> str:
        """Return the key prefix of an artifact's files."""
        return self._content(namespace, "artifacts", digest)

    def _content(self, namespace: str, kind: str, digest: str) -> str:
        return self.key(f"perennial/{namespace}/{kind}/{digest.removeprefix('sha256:')}/")


class StoredObject(NamedTuple):
    """An object in a listing."""

    key: str
    bytes: int


class ObjectStore(Protocol):
    """One bucket, by whole keys; every failure is an ArtifactError with a remedy."""

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose keys begin with this, in the order of their keys."""

    def read(self, key: str) -> bytes:
        """Return a small object."""

    def download(self, key: str, path: Path) -> None:
        """Copy an object of any size into a file."""

    def put(self, key: str, path: Path) -> bool:
        """Store a file unless the key exists; return whether this call stored it."""
