"""`fetch`: the artifact comes from its store into a folder, verified, or not at all."""

import shutil
from pathlib import Path

from perennial.artifacts.manifest import MANIFEST_FILE, ArtifactManifest
from perennial.artifacts.store import ObjectStore
from perennial_serving.model.integrity import verify


def fetch(store: ObjectStore, path: str, digest: str, folder: Path) -> None:
    """Make the folder hold the artifact of this digest; one that does already is left as it is."""
    if folder.exists():
        verify(folder, digest)
        return
    prefix = f"{path.rstrip('/')}/"
    content = store.read(f"{prefix}{MANIFEST_FILE}")
    manifest = ArtifactManifest.from_bytes(content, digest)
    arriving = folder.with_name(f"{folder.name}.arriving")
    if arriving.exists():  # an earlier try was cut off
        shutil.rmtree(arriving)
    for file in manifest.files:
        target = arriving / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        store.download(f"{prefix}{file.name}", target)
        file.verify(arriving)
    (arriving / MANIFEST_FILE).write_bytes(content)
    arriving.rename(folder)
