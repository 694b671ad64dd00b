"""Removing a cluster, also one of which only pieces are left."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from harness import paths, processes, programs, servers
from harness.local import cgroups, containers, network, places


def clean() -> None:
    """Leave no process, mount, namespace or file of the cluster; the cache stays."""
    stop_node()
    processes.stop(processes.recorded(places.state()), grace=3)
    processes.stop([*_shims(), *network.process_ids(), *cgroups.process_ids()], grace=0)
    for mount in sorted(_mounts(), reverse=True):
        programs.run(["umount", "--lazy", mount])
    network.delete()
    servers.remove_sockets()
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


def _shims() -> Iterator[int]:
    """Return the processes between containerd and its containers; they outlive it."""
    address = str(places.SOCKET).encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            words = programs.read_or_empty(folder / "cmdline").split(b"\0")
            if b"containerd-shim" in words[0] and address in words:
                yield int(folder.name)


def _mounts() -> list[str]:
    ours = (f"{places.state()}/", f"{places.RUN}/", f"{paths.cache()}/")
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [point for point in points if point.startswith(ours)]
