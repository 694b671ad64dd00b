"""Verifies that a folder holds exactly the files of an artifact."""

from pathlib import Path

from perennial.artifacts.manifest import MANIFEST_FILE, ArtifactManifest, DigestMismatchError


def verify(folder: Path, digest: str) -> None:
    """Raise unless the folder holds exactly the files that the digest names."""
    stored = folder / MANIFEST_FILE
    if not stored.is_file():
        raise DigestMismatchError(f"{MANIFEST_FILE} is missing")
    ArtifactManifest.from_bytes(stored.read_bytes(), digest).verify(folder)
