"""`fetch`: downloads an artifact into a folder and verifies it."""

import shutil
from pathlib import Path

from perennial.artifacts.manifest import MANIFEST_FILE, ArtifactManifest
from perennial.artifacts.store import ObjectStore
from perennial_serving.model.integrity import verify


def fetch(store: ObjectStore, path: str, digest: str, folder: Path) -> None:
    """Download the artifact with this digest, unless the folder already holds it."""
    if folder.exists():
        verify(folder, digest)
        return
    prefix = f"{path.rstrip('/')}/"
    content = store.read(f"{prefix}{MANIFEST_FILE}")
    manifest = ArtifactManifest.from_bytes(content, digest)
    partial = folder.with_name(f"{folder.name}.partial")
    if partial.exists():  # left by an interrupted download
        shutil.rmtree(partial)
    for file in manifest.files:
        target = partial / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        store.download(f"{prefix}{file.name}", target)
        file.verify(partial)
    (partial / MANIFEST_FILE).write_bytes(content)
    partial.rename(folder)
