"""Bringing the local cluster up and down: every step looks first, and does what is missing."""

import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness import golang, paths, processes, programs, progress
from harness.golang import Program
from harness.images import Buildable
from harness.local import (
    building,
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
)
from harness.probe import answers
from harness.processes import Daemon
from harness.programs import HarnessError


def programs_to_compile() -> tuple[Program, ...]:
    """Return every program of Kubernetes, which are one, and the container of each pod."""
    return (control_plane.KUBERNETES, pause.PROGRAM)


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
    return network.exists() and control_plane.api_is_ready()


def kubeconfig() -> Path:
    """Return the file that makes kubectl its administrator; for use in the namespace."""
    return places.kubeconfig()


def machine_kubeconfig() -> Path:
    """Return the same file: there is no way to the API server from outside the namespace."""
    return places.kubeconfig()


def is_present() -> bool:
    """Tell whether anything of it is left on this machine."""
    return network.exists() or places.state().exists() or places.RUN.exists()


def kubectl() -> list[str]:
    """Return the command of kubectl as its administrator, from wherever this process is."""
    return network.inside(control_plane.kubectl())


def ensure_image(image: Buildable, reference: str) -> None:
    """Build an image unless the node holds it."""
    building.ensure(image, reference)


def size(reference: str) -> str:
    """Return how large an image is that buildah built."""
    return building.size(reference)


def load(reference: str) -> None:
    """Give an image that buildah built to the node."""
    building.load(reference)


def enter() -> None:
    """Move this thread into the cluster's network, where every address can be reached."""
    network.enter()


def within(argv: list[str]) -> list[str]:
    """Enter with this process, and return the command as it is."""
    network.enter()
    return argv


def is_isolated() -> bool:
    """Tell that no packet leaves the cluster's network."""
    return True


def _bring_up(*, nodes: bool) -> None:
    if not network.exists():
        _prepare()
    certificates.ensure_kubeconfigs(control_plane.keys())
    _start(control_plane.etcd())
    _start(control_plane.api_server(), control_plane.api_is_ready)
    _start(control_plane.controllers())
    if nodes:
        _add_node()
    else:
        _remove_node()


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
    _start(node.containerd(), containers.answers)
    _sweep()
    pause.ensure()
    cgroups.create()
    _start(control_plane.scheduler())
    _start_kubelet()
    _start(node.proxy())
    _start(node.dns(), partial(_answers, node.DNS_READY))
    # Whether it was started or not: an end between both lines would leave pods without names.
    _kubectl("apply", "--server-side", "-f", str(places.state() / "dns.json"))


def _start_kubelet(patience: float = 300) -> None:
    """Start it again if it came too early: containerd answers before its part for Kubernetes."""
    deadline = time.monotonic() + patience
    while True:
        try:
            _start(node.kubelet(), _node_is_ready)
        except processes.EndedError:
            if time.monotonic() > deadline:
                raise
        else:
            return


def _sweep() -> None:
    """Once per cluster, remove the containers that an unclean end left beside the images."""
    done = places.state() / "swept"
    if done.exists():
        return
    if containers.remove_all():
        processes.stop(processes.recorded(places.state(), ("containerd",)))
        _start(node.containerd(), containers.answers)  # so that it forgets what was removed
    done.touch()


def _remove_node() -> None:
    cleaning.stop_node()
    _kubectl("delete", "node", places.NODE, "--ignore-not-found")


def _start(wanted: Daemon, is_ready: Callable[[], bool] | None = None) -> bool:
    """Start a daemon unless it runs, and wait until it is ready; tell whether it was started."""
    if processes.is_running(wanted) and (is_ready is None or is_ready()):
        return False
    with progress.step(f"start {wanted.name}"):
        started = processes.ensure(wanted)
        if is_ready:
            processes.wait(wanted, is_ready)
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
    words = [str(word) for each in daemons for word in each.argv]
    return paths.key((), *words, json.dumps(node.configuration()))


def _answers(url: str) -> bool:
    return network.within(partial(answers, url))


def _node_is_ready() -> bool:
    path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
    return _kubectl("get", "node", places.NODE, "--ignore-not-found", "-o", path) == "True"


def _kubectl(*words: str) -> str:
    return programs.run([*kubectl(), *words])
