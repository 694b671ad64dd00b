"""The cluster as a process sees it that runs in the node's network: up, and out of its hands."""

import os
from pathlib import Path

from harness import tools
from harness.golang import Program
from harness.images import Buildable
from harness.programs import HarnessError


def programs_to_compile() -> tuple[Program, ...]:
    """Return nothing: what had to be compiled was."""
    return ()


def up(*, nodes: bool = True) -> None:
    """Do nothing: whoever started this process brought the cluster up."""
    if not nodes:
        raise HarnessError("without nodes there is no network for this process to be in")


def down() -> None:
    """Refuse: the engine is out of reach."""
    raise HarnessError("the cluster cannot be removed from within its node's network")


def is_present() -> bool:
    """Tell that nothing of it is this process's to remove."""
    return False


def is_up() -> bool:
    """Tell that it is up."""
    return True


def kubeconfig() -> Path:
    """Return the administrator's file, which the container was started with."""
    return Path(os.environ["KUBECONFIG"])


def machine_kubeconfig() -> Path:
    """Return the same file."""
    return kubeconfig()


def kubectl() -> list[str]:
    """Return the command of kubectl as its administrator."""
    return [str(tools.KUBECTL.path), "--kubeconfig", str(kubeconfig())]


def ensure_image(image: Buildable, reference: str) -> None:
    """Do nothing: the node was given every image before this process began."""


def size(reference: str) -> str:
    """Refuse: the engine is out of reach."""
    raise HarnessError(
        f"the size of {reference} cannot be found out from within the node's network"
    )


def load(reference: str) -> None:
    """Refuse: the engine is out of reach."""
    raise HarnessError(f"{reference} cannot be loaded from within the node's network")


def within(argv: list[str]) -> list[str]:
    """Return the command as it is."""
    return argv


def enter() -> None:
    """Stay: this process is there."""


def is_isolated() -> bool:
    """Tell that the engine gives its containers a way out."""
    return False
