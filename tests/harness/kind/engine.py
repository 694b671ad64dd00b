"""The container engine: what is asked of `docker`, and what it must be able to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import images, programs
from harness.images import Buildable
from harness.programs import HarnessError

BUILD = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
WITH_BUILDKIT = (23, 0)  # from this client on, BuildKit is the plugin buildx


def docker(*words: str | Path, stdin: bytes | None = None) -> str:
    """Run the engine's client."""
    return programs.run(["docker", *words], stdin=stdin)


def inspect(name: str) -> dict[str, Any] | None:
    """Return what the engine knows of a container, nothing when there is none."""
    listed = docker("container", "ls", "--all", "--quiet", "--filter", f"name=^{name}$").strip()
    if not listed:
        return None
    found: dict[str, Any] = json.loads(docker("container", "inspect", listed))[0]
    return found


def has_image(reference: str) -> bool:
    """Tell whether the engine holds an image."""
    return programs.succeeds(["docker", "image", "inspect", reference])


def ensure_builder() -> None:
    """Say what to install where this client cannot build with BuildKit."""
    version = re.search(r"(\d+)\.(\d+)", programs.run(["docker", "--version"]))
    numbers = tuple(map(int, version.groups())) if version else ()
    if numbers >= WITH_BUILDKIT and not programs.succeeds(["docker", "buildx", "version"]):
        raise HarnessError(
            "docker cannot build: install its plugin buildx (docs.docker.com/go/buildx)"
        )


def build(image: Buildable, reference: str, base: str) -> None:
    """Build an image on a base, or on the Dockerfile's own where that is empty."""
    ensure_builder()
    programs.run(building(image, reference, base), env=BUILD)


def building(image: Buildable, reference: str, base: str = "") -> list[str]:
    """Return the command that builds an image."""
    given = images.build_arguments(base)
    stage = ["--file", str(image.dockerfile), "--target", image.target]
    return ["docker", "build", "--quiet", *given, *stage, "--tag", reference, str(image.context)]


def ours() -> Iterator[str]:
    """Return the references of the images in the engine that were built here."""
    listed = docker("image", "ls", "--format={{.Repository}}:{{.Tag}}", "localhost/perennial-*")
    yield from listed.split()
