"""The one choice of the harness: which cluster this machine can have."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness import programs
from harness.golang import Program
from harness.images import Buildable
from harness.kind import cluster as kind
from harness.kind import container, inside
from harness.local import cluster as local
from harness.programs import HarnessError

WISH = "PERENNIAL_CLUSTER"
DEMO, TESTS = ("kind", "local"), ("local", "kind")  # what each prefers
NEITHER = (
    "no cluster can run here: start a container engine (`docker info` must answer)"
    " and install kind, or run as root on Linux"
)


class Cluster(Protocol):
    """What both kinds of cluster can do; the modules `kind` and `local.cluster` are two."""

    def programs_to_compile(self) -> Sequence[Program]:
        """Return what is compiled for it, once on a machine."""

    def up(self, *, nodes: bool = True) -> None:
        """Bring it up, or repair it; quick when there is nothing to do."""

    def down(self) -> None:
        """Leave nothing of it behind but the cache."""

    def is_up(self) -> bool:
        """Tell whether its API server answers."""

    def kubeconfig(self) -> Path:
        """Return the file that makes a process that has entered its administrator."""

    def machine_kubeconfig(self) -> Path:
        """Return the file that makes a person's kubectl its administrator."""

    def kubectl(self) -> list[str]:
        """Return the command of kubectl as its administrator, from wherever this process is."""

    def ensure_image(self, image: Buildable, reference: str) -> None:
        """Build an image unless its nodes hold it."""

    def size(self, reference: str) -> str:
        """Return how large an image is that was built on this machine."""

    def load(self, reference: str) -> None:
        """Give an image that was built on this machine to its nodes."""

    def enter(self) -> None:
        """Put this process into the node's network, where every address can be reached."""

    def within(self, argv: list[str]) -> list[str]:
        """Return the command that runs a Python program there, entering with this process first."""

    def is_isolated(self) -> bool:
        """Tell whether no packet can leave its network."""

    def is_present(self) -> bool:
        """Tell whether anything of it is on this machine, running or not."""


KINDS: dict[str, Cluster] = {"kind": kind, "local": local, container.INSIDE: inside}


@dataclass(frozen=True)
class Machine:
    """What the choice depends on."""

    has_engine: bool
    is_linux: bool
    is_root: bool
    wish: str = ""


def choice(machine: Machine, preferred: Sequence[str] = DEMO) -> str:
    """Return "kind" or "local", or raise with what is missing."""
    if machine.wish not in {"", *KINDS}:
        raise HarnessError(f"{WISH} is {machine.wish!r}; it can be kind or local")
    if machine.wish == "kind" and not machine.has_engine:
        raise HarnessError(f"{WISH}=kind, but `docker info` fails: start the container engine")
    possible = {
        "kind": machine.has_engine,
        "local": machine.is_linux and machine.is_root,
        container.INSIDE: True,
    }
    for name in (machine.wish,) if machine.wish else preferred:
        if possible[name]:
            return name
    raise HarnessError(NEITHER)


def chosen(preferred: Sequence[str] = DEMO) -> Cluster:
    """Return the cluster of this machine, whether it is up or not; later calls keep the choice."""
    name = choice(_machine(os.environ.get(WISH, "")), preferred)
    os.environ[WISH] = name
    return KINDS[name]


def present() -> Iterator[Cluster]:
    """Return every cluster of ours on this machine, or the one that is wished for."""
    wish = os.environ.get(WISH, "")
    for name, cluster in KINDS.items():
        if wish in {"", name} and cluster.is_present():
            yield cluster


def _machine(wish: str) -> Machine:
    return Machine(
        has_engine=wish != "local" and programs.succeeds(["docker", "info"]),
        is_linux=platform.system() == "Linux",
        is_root=os.geteuid() == 0,
        wish=wish,
    )
