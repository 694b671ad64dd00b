"""Bringing the local cluster up and down: every step looks first, and does what is missing."""

import json
import os
from collections.abc import Callable

from harness import golang, paths, programs, progress, servers
from harness.local import (
    certificates,
    cgroups,
    cleaning,
    containers,
    control_plane,
    network,
    node,
    packages,
    pause,
    places,
    processes,
)
from harness.local.processes import Daemon
from harness.programs import HarnessError
from harness.servers import Site


def up(*, nodes: bool = True) -> None:
    """Bring the cluster up; what runs already and is as it should be stays."""
    if os.geteuid() != 0:
        raise HarnessError("the local cluster needs root: run as root, or start a container engine")
    packages.ensure()
    golang.compiled(control_plane.KUBERNETES, control_plane.LINKS)
    if not _is_ours():
        with progress.step("remove what is left of an earlier cluster"):
            cleaning.clean()
    _bring_up(nodes=nodes)


def down() -> None:
    """Remove the cluster."""
    with progress.step("remove the cluster"):
        cleaning.clean()


def is_up() -> bool:
    """Tell whether there is a cluster whose API server answers."""
    return network.exists() and _api_is_ready()


def site() -> Site:
    """Return where the servers beside the cluster run."""
    return Site(places.NODE_ADDRESS, places.state() / "servers", places.kubeconfig())


def _bring_up(*, nodes: bool) -> None:
    if not network.exists():
        _prepare()
    _start(control_plane.etcd())
    store = Daemon("s3", tuple(servers.seaweed(site())))
    _start(store)  # starts slowly, so it is waited for last
    _start(control_plane.api_server(), _api_is_ready)
    _start(control_plane.controllers())
    if nodes:
        _add_node()
    else:
        _remove_node()
    _start(Daemon("prometheus", tuple(servers.prometheus(site()))))
    _start(Daemon("discovery", tuple(servers.discovery(site()))))
    _start(store, lambda: network.within(lambda: servers.answers(f"{site().s3}/healthz")))


def _prepare() -> None:
    with progress.step("network namespace, certificates, configuration"):
        places.state().mkdir(parents=True, exist_ok=True)
        places.RUN.mkdir(parents=True, exist_ok=True)
        certificates.create(control_plane.keys())
        for name, text in node.configuration().items():
            file = places.state() / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (places.state() / "signature").write_text(_signature())
        network.create()


def _add_node() -> None:
    if _start(node.containerd(), containers.answers) and containers.remove_all():
        # its memory still holds what was removed
        processes.stop([processes.process_id("containerd") or 0])
        _start(node.containerd(), containers.answers)
    pause.ensure()
    cgroups.create()
    _start(control_plane.scheduler())
    _start(node.kubelet(), _node_is_ready)
    _start(node.proxy())
    if _start(node.dns()):
        _kubectl("apply", "--server-side", "-f", str(places.state() / "dns.json"))


def _remove_node() -> None:
    cleaning.stop_node()
    _kubectl("delete", "node", places.NODE, "--ignore-not-found")


def _start(daemon: Daemon, is_ready: Callable[[], bool] | None = None) -> bool:
    """Start a daemon unless it runs, and wait until it is ready."""
    with progress.step(f"start {daemon.name}"):
        started = processes.ensure(daemon)
        if is_ready:
            processes.wait(daemon, is_ready)
    return started


def _is_ours() -> bool:
    """Tell whether the cluster that is there, if any, is the one this harness would make."""
    signature = places.state() / "signature"
    return network.exists() and signature.exists() and signature.read_text() == _signature()


def _signature() -> str:
    daemons = [
        *(control_plane.etcd(), control_plane.api_server(), control_plane.controllers()),
        *(control_plane.scheduler(), node.containerd(), node.kubelet(), node.proxy(), node.dns()),
    ]
    words = [str(word) for daemon in daemons for word in daemon.argv]
    return paths.key((), *words, json.dumps(node.configuration()))


def _api_is_ready() -> bool:
    return programs.succeeds(network.inside([*control_plane.kubectl(), "get", "--raw", "/readyz"]))


def _node_is_ready() -> bool:
    path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
    argv = [*control_plane.kubectl(), "get", "node", places.NODE, "--ignore-not-found", "-o", path]
    return programs.run(network.inside(argv)) == "True"


def _kubectl(*words: str) -> str:
    return programs.run(network.inside([*control_plane.kubectl(), *words]))
