"""Makes a node image of Debian's packages, the compiled Kubernetes and kind's own files."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import golang, paths, programs, progress
from harness.kind import engine, places
from harness.kind.node_image import control_plane, root_folder
from harness.local import packages
from harness.programs import HarnessError

ENTRYPOINT = 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]'
HERE = Path(__file__).parent


def reference() -> str:
    """Return the name of the image: it changes with what it is made from."""
    sources = sorted([*HERE.glob("*.py"), *(HERE / "files").iterdir()])
    made_from = (root_folder.KUBERNETES.folder.name, places.KIND.folder.name)
    return f"localhost/perennial-node:{paths.key(sources, *made_from, *root_folder.DEBIAN)}"


def make(name: str) -> None:
    """Make the image."""
    packages.ensure({"mmdebstrap": "mmdebstrap", "tar": "tar"})
    golang.compiled(root_folder.KUBERNETES)
    scratch = paths.cache() / "temporary"
    scratch.mkdir(parents=True, exist_ok=True)
    with (
        progress.step("make the node image from Debian's packages", usual="3 min"),
        tempfile.TemporaryDirectory(dir=scratch) as folder,
    ):
        root = Path(folder) / "root"
        root_folder.fill(root)
        archive = Path(folder) / "control-plane.tar"
        control_plane.write(root, archive)
        empty = f"{name}-empty"
        _import(root, empty)
        _with_images(empty, archive, name)
        engine.docker("image", "rm", empty)
        shutil.rmtree(root)


def _import(root: Path, name: str) -> None:
    archive = root.with_suffix(".tar")
    left_out = ("--exclude=./proc/*", "--exclude=./sys/*", "--exclude=./dev/*")
    programs.run(["tar", "-C", root, "--one-file-system", *left_out, "-cf", archive, "."])
    changes = ("--change", "ENV container=docker", "--change", ENTRYPOINT)
    engine.docker("import", *changes, archive, name)
    archive.unlink()


def _with_images(empty: str, archive: Path, name: str) -> None:
    """Put the control plane's images into the node's containerd, without unpacking them."""
    with _container(empty) as filler:
        engine.docker("exec", "--detach", filler, "containerd")
        _wait_for_containerd(filler)
        importing = ("ctr", "-n", "k8s.io", "images", "import", "--no-unpack", "--all-platforms")
        engine.docker("cp", archive, f"{filler}:/control-plane.tar")
        engine.docker("exec", filler, *importing, "/control-plane.tar")
        clean = "pkill containerd; sleep 1; rm -rf /control-plane.tar /run/containerd"
        engine.docker("exec", filler, "sh", "-c", clean)
        engine.docker("commit", "--change", ENTRYPOINT, filler, name)


@contextmanager
def _container(image: str) -> Iterator[str]:
    words = ("run", "--detach", "--privileged", "--entrypoint", "sleep", image, "infinity")
    container = engine.docker(*words).strip()
    try:
        yield container
    finally:
        engine.docker("rm", "--force", container)


def _wait_for_containerd(container: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not programs.succeeds(["docker", "exec", container, "ctr", "version"]):
        if time.monotonic() > deadline:
            raise HarnessError("containerd does not start in the node image")
        time.sleep(0.3)
