"""The node's files: Debian's packages, kind's own files, Kubernetes, and a network of pods."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

from harness import golang, programs, tools
from harness.kind import places
from harness.local import building, control_plane

KUBERNETES = replace(control_plane.KUBERNETES, tags="kubeadm", minutes=6)
FILES = Path(__file__).parent / "files"
PACKAGES = (
    "bash,ca-certificates,conntrack,containerd,containernetworking-plugins,curl,ethtool,iproute2,"
    "iptables,jq,kmod,libseccomp2,mount,nftables,pigz,procps,runc,systemd,util-linux"
)
DEBIAN = (
    *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}"),
    *(f"--dpkgopt=path-exclude={pattern}" for pattern in building.LEFT_OUT),
    building.SUITE,
)
PLUGINS = ("host-local", "loopback", "ptp", "portmap")
UNUSED_UNITS = (
    *("lib/systemd/system/multi-user.target.wants/*", "lib/systemd/system/local-fs.target.wants/*"),
    *("lib/systemd/system/basic.target.wants/*", "etc/systemd/system/*.wants/*"),
    *("lib/systemd/system/sockets.target.wants/*udev*", "*/systemd/system/*/*initctl*"),
    "lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
)


def fill(root: Path) -> None:
    """Fill an empty folder."""
    root.mkdir()
    programs.run([*DEBIAN, root])
    _copy_kinds_files(root)
    _settle_systemd(root)
    _link_programs(root)
    _adapt(root)
    for name, place in FILES_BY_PLACE.items():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FILES / name, target)
    (root / "usr/local/bin/crictl").chmod(0o755)


FILES_BY_PLACE = {
    "crictl": "usr/local/bin/crictl",
    "10-pods.conflist": "etc/cni/net.d/10-pods.conflist",
    "default-cni.yaml": "kind/manifests/default-cni.yaml",
    "default-storage.yaml": "kind/manifests/default-storage.yaml",
}


def _copy_kinds_files(root: Path) -> None:
    """Copy what kind's own image has beside Debian's packages."""
    source = golang.module_folder(places.KIND, "sigs.k8s.io/kind") / "images/base/files"
    for part in ("etc", "kind", "usr"):
        programs.run(["cp", "-r", source / part, root])
    programs.run(["chmod", "-R", "u+w", *(root / part for part in ("etc", "kind", "usr/local"))])
    for folder in ("usr/local/bin", "kind/bin"):
        for file in (root / folder).iterdir():
            file.chmod(0o755)
    for folder in ("etc/containerd", "etc/default", "etc/sysctl.d", "etc/systemd/system"):
        for file in (root / folder).rglob("*"):
            if file.is_file() and not file.is_symlink():
                file.chmod(0o644)


def _settle_systemd(root: Path) -> None:
    """Leave to systemd what a container needs, as kind's Dockerfile does."""
    for pattern in UNUSED_UNITS:
        for unit in root.glob(pattern):
            unit.unlink()
    journal = root / "etc/systemd/journald.conf"
    journal.write_text(f"{journal.read_text()}ReadKMsg=no\n")
    _link(root / "usr/sbin/init", "/usr/lib/systemd/systemd")
    units = ("kubelet.service", "containerd.service", "undo-mount-hacks.service")
    programs.run(["chroot", root, "systemctl", "-q", "enable", *units])
    programs.run(["chroot", root, "systemctl", "-q", "mask", "systemd-binfmt.service"])


def _link_programs(root: Path) -> None:
    for folder in ("etc/kubernetes/manifests", "opt/cni/bin", "etc/cni/net.d", "kind/manifests"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in ("containerd", "ctr", "containerd-shim-runc-v2"):
        _link(root / "usr/local/bin" / name, f"/usr/bin/{name}")
    for plugin in PLUGINS:
        shutil.copy(root / "usr/lib/cni" / plugin, root / "opt/cni/bin")
    shutil.copy(KUBERNETES.path, root / "usr/local/lib/testcluster")
    for name in ("kubeadm", "kubelet"):
        _link(root / "usr/bin" / name, "/usr/local/lib/testcluster")
    shutil.copy(tools.KUBECTL.path, root / "usr/bin/kubectl")
    (root / "kind/version").write_text(f"v{control_plane.VERSION}\n")


def _adapt(root: Path) -> None:
    """Allow for cgroups of version 1 and for processes that lack CAP_SYS_RESOURCE."""
    kubelet = root / "etc/default/kubelet"
    kubelet.write_text(
        re.sub(
            r"^(KUBELET_EXTRA_ARGS=.*)$",
            r"\1 --fail-cgroupv1=false",
            kubelet.read_text(),
            flags=re.MULTILINE,
        )
    )
    containerd = root / "etc/containerd/config.toml"
    words = containerd.read_text().replace(
        "restrict_oom_score_adj = false", "restrict_oom_score_adj = true"
    )
    plugins = '[plugins."io.containerd.grpc.v1.cri".cni]\n  bin_dir = "/opt/cni/bin"\n'
    containerd.write_text(words if "bin_dir" in words else words + plugins)
    hooks = '.hooks.createContainer += [{path: "/kind/bin/mount-product-files.sh"}]'
    write = f"ctr oci spec | jq '{hooks} | del(.process.rlimits)' > /etc/containerd/cri-base.json"
    programs.run(["chroot", root, "sh", "-c", write])


def _link(link: Path, target: str) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)
