"""The one choice of the harness: which cluster this machine can have."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness import kind, programs
from harness.images import Image
from harness.local import cluster as local
from harness.programs import HarnessError
from harness.servers import Site

WISH = "PERENNIAL_CLUSTER"
NEITHER = (
    "no cluster can run here: start a container engine (`docker info` must answer)"
    " and install kind, or run as root on Linux"
)


class Cluster(Protocol):
    """What both kinds of cluster can do; the modules `kind` and `local.cluster` are two."""

    def up(self, *, nodes: bool = True) -> None:
        """Bring it up, or repair it; quick when there is nothing to do."""

    def down(self) -> None:
        """Leave nothing of it behind but the cache."""

    def is_up(self) -> bool:
        """Tell whether its API server answers."""

    def kubeconfig(self) -> Path:
        """Return the file that makes kubectl its administrator."""

    def kubectl(self) -> list[str]:
        """Return the command of kubectl as its administrator."""

    def site(self) -> Site:
        """Return where the servers beside it run."""

    def ensure_image(self, image: Image, reference: str) -> None:
        """Build an image unless its nodes hold it."""

    def size(self, reference: str) -> str:
        """Return how large an image is that was built on this machine."""

    def load(self, reference: str) -> None:
        """Give an image that was built on this machine to its nodes."""

    def enter(self) -> None:
        """Put this process where its addresses can be reached."""

    def reaches_services(self) -> bool:
        """Tell whether a process that has entered reaches ClusterIPs directly."""


@dataclass(frozen=True)
class Machine:
    """What the choice depends on."""

    has_engine: bool
    is_linux: bool
    is_root: bool
    wish: str = ""


def choice(machine: Machine) -> str:
    """Return "kind" or "local", or raise with what is missing."""
    if machine.wish not in {"", "kind", "local"}:
        raise HarnessError(f"{WISH} is {machine.wish!r}; it can be kind or local")
    if machine.wish == "kind" and not machine.has_engine:
        raise HarnessError(f"{WISH}=kind, but `docker info` fails: start the container engine")
    if machine.has_engine and machine.wish != "local":
        return "kind"
    if machine.is_linux and machine.is_root:
        return "local"
    raise HarnessError(NEITHER)


def chosen() -> Cluster:
    """Return the cluster of this machine, whether it is up or not."""
    wish = os.environ.get(WISH, "")
    machine = Machine(
        has_engine=wish != "local" and programs.succeeds(["docker", "info"]),
        is_linux=platform.system() == "Linux",
        is_root=os.geteuid() == 0,
        wish=wish,
    )
    return kind if choice(machine) == "kind" else local


def kubeconfig() -> Path:
    """Return the file that makes kubectl the administrator of this machine's cluster."""
    return chosen().kubeconfig()
