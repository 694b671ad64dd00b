"""Images without a container engine: Debian's packages as the base, buildah for the Dockerfiles."""

import json
import tarfile
import tempfile
from pathlib import Path

from harness import images, paths, programs, progress
from harness.images import Buildable
from harness.layers import chains
from harness.local import containers, places

SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates,libgomp1"
LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*")
DEBIAN = (
    "mmdebstrap",
    "--quiet",
    "--variant=minbase",
    f"--include={PACKAGES}",
    *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
    SUITE,
)
BASE = f"localhost/perennial-base:{paths.key((), *DEBIAN)}"


def ensure(image: Buildable, reference: str) -> None:
    """Give containerd this image, built first unless it holds it."""
    if reference in containers.images():
        return
    _ensure_base()
    with progress.step(f"build {image.name}"):
        _build(image, reference)
    load(reference)


def size(reference: str) -> str:
    """Return how large an image is, with all its layers."""
    return _buildah("images", "--format={{.Size}}", reference).strip()


def load(reference: str) -> None:
    """Copy an image from buildah to containerd, but only the layers that it lacks."""
    with (
        progress.step(f"load {reference}"),
        tempfile.TemporaryDirectory(dir=_temporary()) as folder,
    ):
        layout = Path(folder)
        _mark_held_layers(layout / "blobs/sha256", reference)
        zstd = ("--compression-format=zstd", "--compression-level=1")
        _buildah("push", "--quiet", *zstd, reference, f"oci:{layout}:{reference}")
        _import(layout, reference)


def _build(image: Buildable, reference: str) -> None:
    _buildah(
        "build",
        "--layers",
        "--quiet",
        *images.build_arguments(BASE),
        f"--file={image.dockerfile}",
        f"--target={image.target}",
        f"--tag={reference}",
        str(image.context),
    )


def _ensure_base() -> None:
    if _buildah("images", "--quiet", "--filter", f"reference={BASE}").strip():
        return
    with (
        progress.step("make the base image from Debian's packages"),
        tempfile.TemporaryDirectory(dir=_temporary()) as folder,
    ):
        archive = Path(folder) / "base.tar"
        programs.run([*DEBIAN, archive], env={"SOURCE_DATE_EPOCH": "0"})
        container = _buildah("from", "scratch").strip()
        _buildah("add", "--quiet", container, str(archive))
        _buildah("config", '--cmd=["python3"]', container)
        _buildah("commit", "--quiet", "--rm", container, BASE)


def _buildah(*words: str) -> str:
    storage = paths.cache() / "containers"
    own = [f"--root={storage}", f"--runroot={places.RUN / 'buildah'}", "--storage-driver=overlay"]
    env = {"BUILDAH_ISOLATION": "chroot", "TMPDIR": str(_temporary())}
    return programs.run(["buildah", *own, *words], env=env)


def _temporary() -> Path:
    """Return a folder on the cache's disk: layers are larger than many a /tmp."""
    folder = paths.cache() / "temporary"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _mark_held_layers(blobs: Path, reference: str) -> None:
    """Put an empty file for each layer that containerd holds: buildah takes it for written."""
    blobs.mkdir(parents=True)
    described = json.loads(_buildah("inspect", "--type=image", reference))
    held = containers.snapshots()
    layers = described["OCIv1"]["rootfs"]["diff_ids"]
    for layer, chain in zip(layers, chains(layers), strict=True):
        if chain in held:
            (blobs / layer.removeprefix("sha256:")).touch()


def _import(layout: Path, reference: str) -> None:
    """Stream the image to containerd, as an archive without the layers that it holds."""
    index = json.loads((layout / "index.json").read_text())
    for manifest in index["manifests"]:
        manifest["annotations"] = {"io.containerd.image.name": reference}
    (layout / "index.json").write_text(json.dumps(index))
    archive = layout / "archive.tar"
    with tarfile.open(archive, "w") as writer:
        for file in (layout / "oci-layout", layout / "index.json", *layout.glob("blobs/*/*")):
            if file.stat().st_size:
                writer.add(file, arcname=str(file.relative_to(layout)))
    containers.ctr("images", "import", archive)
