"""Bringing the cluster in containers up and down; a second `up` repairs what it finds."""

import shutil
import time
from pathlib import Path

import yaml

from harness import paths, programs, progress
from harness.golang import Program
from harness.images import Buildable
from harness.kind import base_image, container, engine, loading, node, node_image, places
from harness.programs import HarnessError

PATIENCE = 900
"""Seconds that a node may take to be ready: a limit for what hangs, not for a slow machine."""


def programs_to_compile() -> tuple[Program, ...]:
    """Return kind itself; where no node image can be pulled, Kubernetes comes to it."""
    return (places.KIND,)


def up(*, nodes: bool = True) -> None:
    """Create the cluster unless it is there, start its node unless it runs."""
    places.folder().mkdir(parents=True, exist_ok=True)
    _start_stopped()
    _remove_unfinished()
    if not node.runs():
        _create()
    _wait_ready()
    _write_kubeconfigs()
    programs.run([*kubectl(), "uncordon" if nodes else "cordon", places.NODE])


def down() -> None:
    """Delete the cluster and its network; the engine's images are a cache and stay."""
    with progress.step("remove the kind cluster"):
        programs.run([*places.kind(), "delete", "cluster", "--name", places.NAME])
        programs.succeeds(["docker", "network", "rm", places.NETWORK])  # others may still use it
        shutil.rmtree(places.folder(), ignore_errors=True)
        if paths.state().is_dir() and not any(paths.state().iterdir()):
            paths.state().rmdir()
    if kept := list(engine.ours()):
        remark = f"          kept for the next start: {len(kept)} images of localhost/perennial-*"
        progress.console.print(remark, markup=False)


def is_present() -> bool:
    """Tell whether anything of it is left on this machine."""
    if places.folder().exists():
        return True
    return programs.succeeds(["docker", "info"]) and engine.inspect(places.NODE) is not None


def is_up() -> bool:
    """Tell whether the API server answers."""
    return programs.succeeds([*kubectl(), "get", "--raw", "/readyz"])


def kubeconfig() -> Path:
    """Return the file that makes a process in the node's network its administrator."""
    return places.folder() / "node.kubeconfig"


def machine_kubeconfig() -> Path:
    """Return the file that makes a person's kubectl its administrator."""
    return places.folder() / "admin.kubeconfig"


def kubectl() -> list[str]:
    """Return the command of the node's own kubectl, from wherever this process is."""
    return node.kubectl()


def ensure_image(image: Buildable, reference: str) -> None:
    """Build an image unless the engine holds it, and give the node what it lacks of it."""
    if loading.holds(reference):
        return
    if not engine.has_image(reference):
        base = base_image.ensure()
        with progress.step(f"build {image.name}"):
            engine.build(image, reference, base)
    load(reference)


def size(reference: str) -> str:
    """Return how large an image of the engine is."""
    output = engine.docker("image", "inspect", "--format={{.Size}}", reference)
    return f"{int(output) / 1e6:.0f} MB"


def load(reference: str) -> None:
    """Give an image of the engine to the node."""
    with progress.step(f"load {reference}"):
        loading.load(reference)


def enter() -> None:
    """Move this thread into the node's network, where every address can be reached."""
    node.enter()


def within(argv: list[str]) -> list[str]:
    """Enter with this process where it can, else return the command of a container that does."""
    try:
        node.enter()
    except HarnessError:
        return container.command(argv[1:])
    return argv


def is_isolated() -> bool:
    """Tell that the engine gives its containers a way out."""
    return False


def creation(image: str) -> list[str]:
    """Return the words with which kind creates the cluster."""
    where = ["--kubeconfig", str(machine_kubeconfig()), "--image", image]
    return ["create", "cluster", "--name", places.NAME, "--config", str(places.CONFIG), *where]


def for_the_node(kubeconfig: str) -> str:
    """Return a kubeconfig whose API server is asked from within the node."""
    content = yaml.safe_load(kubeconfig)
    content["clusters"][0]["cluster"]["server"] = places.API
    return yaml.safe_dump(content)


def _start_stopped() -> None:
    """Start the node again after a restart of the engine or of the machine."""
    if engine.inspect(places.NODE) is not None and not node.runs():
        with progress.step(f"start {places.NODE}"):
            engine.docker("start", places.NODE)


def _remove_unfinished() -> None:
    """Remove a cluster of which only pieces are there: its creation was interrupted."""
    if node.runs() and not node.is_complete():
        with progress.step("remove what is left of an earlier cluster"):
            programs.run([*places.kind(), "delete", "cluster", "--name", places.NAME])


def _create() -> None:
    kind, image = places.kind(), node_image.ensure()
    with progress.step("create the kind cluster", usual="40 s"):
        programs.run([*kind, *creation(image), "--wait", f"{PATIENCE}s"])
        node.mark_complete()


def _wait_ready() -> None:
    """Wait for the API server and the node: after a restart both take a moment."""
    with progress.step("wait for the node"):
        deadline = time.monotonic() + PATIENCE
        while not is_up():
            if time.monotonic() > deadline:
                raise HarnessError(f"the API server in {places.NODE} is not ready")
            time.sleep(0.5)
        condition = ("--for=condition=Ready", f"node/{places.NODE}", f"--timeout={PATIENCE}s")
        programs.run([*kubectl(), "wait", *condition])


def _write_kubeconfigs() -> None:
    words = ("get", "kubeconfig", "--name", places.NAME)
    content = programs.run([*places.kind(), *words])
    for file, text in ((machine_kubeconfig(), content), (kubeconfig(), for_the_node(content))):
        file.touch(mode=0o600)
        file.write_text(text)
