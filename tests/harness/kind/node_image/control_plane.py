"""The images of the control plane: one program under many names, in one archive."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

from harness import golang, programs
from harness.kind.node_image.root_folder import KUBERNETES
from harness.local import control_plane, pause

NAMES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
REGISTRY = "registry.k8s.io"
COREDNS, ETCD = "coredns/coredns:v1.13.1", "etcd:3.6.6-0"  # as kubeadm 1.35 names them
PAUSES = ("pause:3.10", "pause:3.10.1")
FILTERS = (
    *("/usr/sbin/xtables-nft-multi", "/usr/sbin/xtables-legacy-multi", "/usr/sbin/conntrack"),
    *("/usr/bin/kmod", "/usr/sbin/nft"),
)
COMMANDS = ("iptables", "iptables-save", "iptables-restore")


def write(root: Path, file: Path) -> None:
    """Write the archive, in the form that every container engine reads."""
    layers = {
        "programs": _layer(_programs),
        "filters": _layer(lambda archive: _filters(root, archive)),
        "pause": _layer(lambda archive: _file(archive, "pause", _pause())),
    }
    with tarfile.open(file, "w") as archive:
        for name, content in layers.items():
            _file(archive, f"{name}/layer.tar", content)
        described = [
            _image(archive, number, reference, start, {part: layers[part] for part in parts})
            for number, (reference, (parts, start)) in enumerate(images().items())
        ]
        _file(archive, "manifest.json", json.dumps(described).encode())


def images() -> dict[str, tuple[tuple[str, ...], str]]:
    """Return each image's layers and program, by its reference."""
    version, alone = f"v{control_plane.VERSION}", ("programs",)
    named = {f"{name}:{version}": (alone, f"/usr/local/bin/{name}") for name in NAMES}
    named |= {ETCD: (alone, "/usr/local/bin/etcd"), COREDNS: (alone, "/coredns")}
    proxy: tuple[tuple[str, ...], str] = (("programs", "filters"), "/usr/local/bin/kube-proxy")
    found = {f"{REGISTRY}/{name}": entry for name, entry in named.items()}
    pauses = {f"{REGISTRY}/{name}": (("pause",), "/pause") for name in PAUSES}
    return {**found, f"{REGISTRY}/kube-proxy:{version}": proxy, **pauses}


def _image(
    archive: tarfile.TarFile, number: int, reference: str, start: str, layers: dict[str, bytes]
) -> dict[str, object]:
    ids = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in layers.values()]
    configuration = {
        "architecture": golang.architecture(),
        "os": "linux",
        "config": {"Entrypoint": [start], "Env": [PATH]},
        "rootfs": {"type": "layers", "diff_ids": ids},
    }
    _file(archive, f"{number}.json", json.dumps(configuration).encode())
    names = [f"{part}/layer.tar" for part in layers]
    return {"Config": f"{number}.json", "RepoTags": [reference], "Layers": names}


def _programs(archive: tarfile.TarFile) -> None:
    _file(archive, "usr/local/bin/testcluster", KUBERNETES.path.read_bytes())
    for name in (*NAMES, "kube-proxy", "etcd"):
        _link(archive, f"usr/local/bin/{name}", "testcluster")
    _link(archive, "coredns", "usr/local/bin/testcluster")


def _filters(root: Path, archive: tarfile.TarFile) -> None:
    """Add iptables and conntrack from the node, with every library that they load."""
    extensions = sorted((root / "usr/lib").glob("*-linux-gnu/xtables/*.so"))
    inside = [f"/{file.relative_to(root)}" for file in extensions]
    listed = programs.run(["chroot", root, "ldd", *FILTERS, *inside])  # libxt_statistic needs libm
    libraries = {word for word in listed.split() if word.startswith(("/lib", "/usr/lib"))}
    for folder in ("bin", "sbin", "lib", "lib64"):
        _link(archive, folder, f"usr/{folder}")
    for family in ("ip", "ip6"):
        for command in COMMANDS:
            _link(archive, f"usr/sbin/{command.replace('ip', family, 1)}", "xtables-nft-multi")
    _link(archive, "usr/sbin/modprobe", "../bin/kmod")
    wanted = [*FILTERS, *inside, *(word for word in libraries if not word.endswith(":"))]
    for path in sorted({f"/usr{path}" if path.startswith("/lib") else path for path in wanted}):
        resolved = programs.run(["chroot", root, "readlink", "-f", path]).strip()
        _file(archive, path.lstrip("/"), (root / resolved.lstrip("/")).read_bytes())


def _pause() -> bytes:
    return golang.compiled(pause.PROGRAM).read_bytes()


def _layer(fill: Callable[[tarfile.TarFile], None]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        fill(archive)
    return buffer.getvalue()


def _file(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.size = 0o755, len(content)
    archive.addfile(info, io.BytesIO(content))


def _link(archive: tarfile.TarFile, name: str, target: str) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.type, info.linkname = 0o755, tarfile.SYMTYPE, target
    archive.addfile(info)
