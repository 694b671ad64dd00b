"""A container in the node's network, for machines on which no process can enter it.

Docker Desktop runs the node in a machine of its own, and only root on Linux may change its network.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import paths, programs, progress
from harness.kind import base_image, engine, places

INSIDE = "inside"
"""The kind of cluster that a process in the container chooses: one that is up already."""
PYTHON = "/opt/tests/bin/python"
PLATFORM = "linux/amd64"  # that of the prebuilt Helm; other processors run it in emulation
PASSED_ON = ("COLUMNS", "TERM", progress.BEGAN)


@dataclass(frozen=True)
class TestsImage:
    """The image with everything that tests and the demo import."""

    name = "perennial-tests"
    dockerfile = paths.HARNESS / "kind/tests.Dockerfile"
    target = "tests"
    context = paths.ROOT / "tests"

    def reference(self) -> str:
        """Return the name under which the engine finds this very content."""
        files = [self.dockerfile, self.context / "requirements.txt", paths.HARNESS / "tools.py"]
        return f"localhost/{self.name}:{paths.key(files)}"


def command(argv: Sequence[str]) -> list[str]:
    """Return the command that runs a Python program there; builds the image unless it is there."""
    image = TestsImage()
    reference = image.reference()
    if not engine.has_image(reference):
        base = base_image.ensure()
        with progress.step(f"build {image.name}", usual="2 min"):
            words = engine.building(image, reference, base)
            programs.run([*words[:2], f"--platform={PLATFORM}", *words[2:]], env=engine.BUILD)
    return [*running(reference, places.folder()), PYTHON, *argv]


def running(reference: str, state: Path) -> list[str]:
    """Return the words that start the container, with this checkout and the kubeconfig in it."""
    values = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    values["PYTHONPATH"] = ":".join(
        str(paths.ROOT / part) for part in ("operator", "serving", "tests")
    )
    values["PERENNIAL_CLUSTER"] = INSIDE
    values["KUBECONFIG"] = "/state/node.kubeconfig"
    user = ["--user", f"{os.getuid()}:{os.getgid()}"] if hasattr(os, "getuid") else []
    return [
        *("docker", "run", "--rm", "--interactive", *(["--tty"] if sys.stdout.isatty() else [])),
        *(f"--platform={PLATFORM}", f"--network=container:{places.NODE}", *user),
        *(f"--volume={paths.ROOT}:{paths.ROOT}", f"--volume={state}:/state:ro"),
        *(word for item in values.items() for word in ("--env", "=".join(item))),
        *("--workdir", str(paths.ROOT), reference),
    ]
