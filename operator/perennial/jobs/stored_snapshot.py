"""Downloads of a snapshot, verified against its digest."""

from pathlib import Path

import pyarrow as pa

from perennial.artifacts.manifest import DigestMismatchError
from perennial.artifacts.rows import digest_of_parts
from perennial.artifacts.snapshot import SNAPSHOT_FILE, SnapshotManifest
from perennial.artifacts.store import ObjectStore


def fetch_snapshot(store: ObjectStore, path: str, digest: str, folder: Path) -> SnapshotManifest:
    """Download a snapshot into a folder and verify every file and every cell."""
    manifest = read_manifest(store, path, digest)
    folder.mkdir(parents=True, exist_ok=True)
    for file in manifest.files:
        store.download(f"{path}{file.name}", folder / file.name)
        file.verify(folder)
    verify_rows(manifest, folder)
    return manifest


def read_manifest(store: ObjectStore, path: str, digest: str) -> SnapshotManifest:
    """Return the manifest of the snapshot under a key prefix."""
    return SnapshotManifest.from_bytes(store.read(f"{path}{SNAPSHOT_FILE}"), digest)


def verify_rows(manifest: SnapshotManifest, folder: Path) -> None:
    """Raise unless the rows of the files match the snapshot's digest."""
    expected = {column.name: column.sha256 for column in manifest.columns}
    try:
        found = digest_of_parts(manifest.parts(folder), expected)
    except (pa.ArrowException, KeyError, OSError) as error:
        raise DigestMismatchError(f"the files of the snapshot cannot be read: {error}") from error
    for name, sha256 in found.hexdigests().items():
        if found.rows != manifest.rows or sha256 != expected[name]:
            raise DigestMismatchError(f"column {name} of the snapshot has changed")
