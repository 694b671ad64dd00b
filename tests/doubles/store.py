"""An object store in memory, for steps that are not about S3."""

from collections.abc import Iterator
from pathlib import Path

from perennial.api.reasons import JobReason
from perennial.artifacts.errors import ArtifactError
from perennial.artifacts.store import StoredObject, StoreLocation

LOCATION = StoreLocation(endpoint="http://store.test", bucket="bucket", prefix="team/")


class MemoryStore:
    def __init__(self, objects: dict[str, bytes] | None = None) -> None:
        self.content = dict(objects or {})
        self.stored: list[str] = []

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        for key in sorted(self.content):
            if key.startswith(prefix):
                yield StoredObject(key, len(self.content[key]))

    def read(self, key: str) -> bytes:
        if key not in self.content:
            raise ArtifactError(JobReason.SOURCE_NOT_FOUND, f"no object {key}")
        return self.content[key]

    def download(self, key: str, path: Path) -> None:
        path.write_bytes(self.read(key))

    def put(self, key: str, path: Path) -> bool:
        if key in self.content:
            return False
        self.content[key] = path.read_bytes()
        self.stored.append(key)
        return True
