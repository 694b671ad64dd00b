"""The cluster where a container engine answers: kind, with the servers on the machine itself."""

import json
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from harness import images, paths, processes, programs, progress, servers
from harness.images import Image
from harness.processes import Daemon
from harness.programs import HarnessError
from harness.servers import Site

NAME = "perennial"
NODE = f"{NAME}-control-plane"
CONFIG = paths.ROOT / "kind-config.yaml"
NEEDED = {
    "kind": "go install sigs.k8s.io/kind@latest",
    "kubectl": "see kubernetes.io/docs/tasks/tools",
}


def up(*, nodes: bool = True) -> None:
    """Create the cluster unless it is there, and start the servers beside it."""
    missing = missing_programs([name for name in NEEDED if shutil.which(name)])
    if missing:
        raise HarnessError(missing)
    folder().mkdir(parents=True, exist_ok=True)
    if NAME not in programs.run(["kind", "get", "clusters"]).split():
        with progress.step("create the kind cluster"):
            programs.run(creation())
    programs.run([*kubectl(), "uncordon" if nodes else "cordon", NODE])
    _start_servers()


def down() -> None:
    """Delete the cluster and stop the servers."""
    with progress.step("remove the kind cluster"):
        programs.run(["kind", "delete", "cluster", "--name", NAME])
        processes.stop(processes.recorded(folder()))
        servers.remove_sockets()
        shutil.rmtree(folder(), ignore_errors=True)


def is_up() -> bool:
    """Tell whether the API server answers."""
    return kubeconfig().exists() and programs.succeeds([*kubectl(), "get", "--raw", "/readyz"])


def folder() -> Path:
    """Return what lives as long as the cluster does."""
    return paths.state() / "kind"


def kubeconfig() -> Path:
    """Return the file that makes kubectl its administrator."""
    return folder() / "admin.kubeconfig"


def kubectl() -> list[str]:
    """Return the command of kubectl as its administrator."""
    return ["kubectl", "--kubeconfig", str(kubeconfig())]


def site() -> Site:
    """Return where the servers run: at the address that the nodes know this machine by."""
    described = json.loads(programs.run(["docker", "network", "inspect", "kind"]))
    return Site(gateway(described), folder() / "servers", kubeconfig())


def ensure_image(image: Image, reference: str) -> None:
    """Build an image unless the engine holds it, and give it to the node."""
    if not programs.succeeds(["docker", "image", "inspect", reference]):
        with progress.step(f"build {image.name}"):
            programs.run(building(image, reference), env={"DOCKER_BUILDKIT": "1"})
    if not programs.succeeds(["docker", "exec", NODE, "crictl", "inspecti", reference]):
        load(reference)


def size(reference: str) -> str:
    """Return how large an image of the engine is."""
    told = programs.run(["docker", "image", "inspect", "--format={{.Size}}", reference])
    return f"{int(told) / 1e6:.0f} MB"


def load(reference: str) -> None:
    """Give an image of the engine to the node."""
    with progress.step(f"load {reference}"):
        programs.run(loading(reference))


def enter() -> None:
    """Stay where we are: the machine reaches the API server, and Services by forwarded ports."""


def reaches_services() -> bool:
    """Tell that ClusterIPs are out of reach here."""
    return False


def missing_programs(found: Sequence[str]) -> str:
    """Return one line that says what to install, empty when nothing is missing."""
    missing = [f"{name} ({how})" for name, how in NEEDED.items() if name not in found]
    return f"a container engine answers, but missing: {', '.join(missing)}" if missing else ""


def creation() -> list[str]:
    """Return the command that creates the cluster."""
    wait = ["--wait", "180s", "--kubeconfig", str(kubeconfig())]
    return ["kind", "create", "cluster", "--name", NAME, "--config", str(CONFIG), *wait]


def building(image: Image, reference: str) -> list[str]:
    """Return the command that builds an image."""
    given = images.build_arguments()
    what = ["--file", str(image.dockerfile), "--target", image.target]
    return ["docker", "build", "--quiet", *given, *what, "--tag", reference, str(paths.ROOT)]


def loading(reference: str) -> list[str]:
    """Return the command that gives an image to the node."""
    return ["kind", "load", "docker-image", "--name", NAME, reference]


def gateway(networks: list[dict[str, dict[str, list[dict[str, str]]]]]) -> str:
    """Return this machine's IPv4 address on the engine's network."""
    for entry in networks[0]["IPAM"]["Config"]:
        address = entry.get("Gateway", "")
        if address and ":" not in address:
            return address
    raise HarnessError("the network `kind` has no IPv4 gateway: `docker network inspect kind`")


def _start_servers() -> None:
    here = site()
    if servers.has_prometheus():
        _start("prometheus", servers.prometheus(here), partial(servers.answers, here.prometheus))
    else:
        progress.console.print("without Prometheus: apt-get install prometheus brings it")
    _start("s3", servers.seaweed(here), partial(servers.answers, f"{here.s3}/healthz"))


def _start(name: str, argv: Sequence[str], is_ready: Callable[[], bool]) -> None:
    daemon = Daemon(name, tuple(argv), folder())
    if processes.ensure(daemon):
        with progress.step(f"start {name}"):
            processes.wait(daemon, is_ready)
