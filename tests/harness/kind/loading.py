"""Images from the engine to the node, without the layers that the node holds."""

import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from harness import programs, progress
from harness.kind import node, places
from harness.layers import chains

CONTAINERD = ("ctr", "--namespace", "k8s.io")
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIGURATION = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def holds(reference: str) -> bool:
    """Tell whether the node has an image."""
    found = programs.run(node.inside([*CONTAINERD, "images", "ls", "-q", f"name=={reference}"]))
    return bool(found.strip())


def load(reference: str) -> None:
    """Give an image to the node; where its containerd wants every layer, the whole of it."""
    with tempfile.TemporaryFile() as archive:
        thin(reference, _held(), archive)
        archive.seek(0)
        argv = node.inside([*CONTAINERD, "images", "import", "-"])
        done = subprocess.run(argv, stdin=archive, capture_output=True, check=False)
    if done.returncode:
        progress.console.print("          the node takes no image in part: all of it is loaded")
        words = ["load", "docker-image", "--name", places.NAME, reference]
        programs.run([*places.kind(), *words])


def thin(reference: str, held: set[str], archive: Any) -> None:
    """Write an image as an OCI archive without the layers whose chains are held."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "saved.tar"
        programs.run(["docker", "save", "--output", str(saved), reference])
        with (
            tarfile.open(saved) as source,
            tarfile.open(fileobj=archive, mode="w") as target,
        ):
            convert(source, target, reference, held)


def convert(
    source: tarfile.TarFile, target: tarfile.TarFile, reference: str, held: set[str]
) -> None:
    """Turn what the engine saved into an OCI archive."""
    (described,) = json.loads(_read(source, "manifest.json"))
    configuration = _read(source, described["Config"])
    ids = json.loads(configuration)["rootfs"]["diff_ids"]
    layers = []
    for name, digest, chain in zip(described["Layers"], ids, chains(ids), strict=True):
        member = _resolved(source, name)
        layers.append({"mediaType": LAYER, "digest": digest, "size": member.size})
        if chain not in held:
            _add(target, digest, source.extractfile(member), member.size)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _blob(target, CONFIGURATION, configuration),
        "layers": layers,
    }
    entry = _blob(target, MANIFEST, json.dumps(manifest).encode())
    entry["annotations"] = {"io.containerd.image.name": reference}
    index = {"schemaVersion": 2, "manifests": [entry]}
    _file(target, "index.json", json.dumps(index).encode())
    _file(target, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')


def _held() -> set[str]:
    """Return the chains of layers that the node has unpacked."""
    lines = programs.run(node.inside([*CONTAINERD, "snapshots", "ls"])).splitlines()[1:]
    return {line.split()[0] for line in lines if line}


def _read(source: tarfile.TarFile, name: str) -> bytes:
    file = source.extractfile(name)
    return file.read() if file else b""


def _resolved(source: tarfile.TarFile, name: str) -> tarfile.TarInfo:
    """Return the entry of a layer; equal layers are links to the first of them."""
    member = source.getmember(name)
    while member.issym():
        parts = (Path(member.name).parent / member.linkname).parts
        resolved: list[str] = []
        for part in parts:
            resolved = resolved[:-1] if part == ".." else [*resolved, part]
        member = source.getmember("/".join(resolved))
    return member


def _blob(target: tarfile.TarFile, media_type: str, content: bytes) -> dict[str, Any]:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    _add(target, digest, io.BytesIO(content), len(content))
    return {"mediaType": media_type, "digest": digest, "size": len(content)}


def _add(target: tarfile.TarFile, digest: str, content: Any, size: int) -> None:
    info = tarfile.TarInfo(f"blobs/sha256/{digest.removeprefix('sha256:')}")
    info.size = size
    target.addfile(info, content)


def _file(target: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    target.addfile(info, io.BytesIO(content))
