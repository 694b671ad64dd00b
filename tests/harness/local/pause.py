"""The image of the container that holds each pod's namespaces open; no registry can be asked."""

import hashlib
import io
import json
import tarfile

from harness import golang, paths
from harness.local import containers
from harness.local.node import PAUSE

PROGRAM = golang.Program("pause", paths.HARNESS / "cluster", package="./pause", minutes=0.1)


def ensure() -> None:
    """Give containerd the image unless it holds it."""
    if PAUSE in containers.images():
        return
    archive = _image(golang.compiled(PROGRAM).read_bytes())
    containers.ctr("images", "import", "-", stdin=archive)


def _image(program: bytes) -> bytes:
    """Return an image of one file, as the archive that every container engine reads."""
    layer = _tar({"pause": program})
    configuration = {
        "architecture": golang.architecture(),
        "os": "linux",
        "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [PAUSE], "Layers": ["layer.tar"]}]
    return _tar(
        {
            "layer.tar": layer,
            "config.json": json.dumps(configuration).encode(),
            "manifest.json": json.dumps(manifest).encode(),
        }
    )


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
