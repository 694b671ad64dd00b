"""Removing a cluster, also one of which only pieces are left."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from harness import paths, processes, programs
from harness.local import cgroups, containers, network, node, places

ADDRESSES = Path("/var/lib/cni/results")


def clean() -> None:
    """Leave no process, mount, namespace or file of the cluster; the cache stays."""
    stop_node()
    processes.stop(processes.recorded(places.state()), grace=3)
    processes.stop([*_shims(), *network.process_ids(), *cgroups.process_ids()], grace=0)
    for mount in sorted(_mounts(), reverse=True):
        programs.run(["umount", "--lazy", mount])
    network.delete()
    _forget_addresses()
    for folder in (places.state(), places.RUN):
        shutil.rmtree(folder, ignore_errors=True)
    if paths.state().is_dir() and not any(paths.state().iterdir()):
        paths.state().rmdir()
    cgroups.remove()


def stop_node() -> None:
    """End the node's programs and every container."""
    programs_of_node = ("scheduler", "kubelet", "proxy", "dns")
    processes.stop(processes.recorded(places.state(), programs_of_node), grace=3)
    if containers.answers():
        containers.remove_all()
    processes.stop(processes.recorded(places.state(), ("containerd",)))


def _shims() -> Iterator[int]:
    """Return the processes between containerd and its containers; they outlive it."""
    address = str(places.SOCKET).encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            words = programs.read_or_empty(folder / "cmdline").split(b"\0")
            if b"containerd-shim" in words[0] and address in words:
                yield int(folder.name)


def _forget_addresses() -> None:
    """Remove what the network plugins wrote down about pods; no option moves it."""
    for record in ADDRESSES.glob(f"{node.POD_NETWORK}-*-eth0"):
        pod = record.name.removeprefix(f"{node.POD_NETWORK}-").removesuffix("-eth0")
        (ADDRESSES / f"cni-loopback-{pod}-lo").unlink(missing_ok=True)
        record.unlink()
    for folder in (ADDRESSES, ADDRESSES.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _mounts() -> list[str]:
    ours = (f"{places.state()}/", f"{places.RUN}/", f"{paths.cache()}/")
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [point for point in points if point.startswith(ours)]
