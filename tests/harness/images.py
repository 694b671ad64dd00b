"""The project's four images: named by their content, so that only what changed is built."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from harness import paths
from harness.paths import ROOT

CODE = (ROOT / "operator/perennial", ROOT / "serving/perennial_serving")
BASE = "PERENNIAL_BASE_IMAGE"  # another image than the Dockerfiles' own to start from
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
FROM_ENVIRONMENT = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX")  # a company's own package index


class Buildable(Protocol):
    """What a build needs to know of an image."""

    @property
    def name(self) -> str:
        """Its name, without registry and tag."""

    @property
    def dockerfile(self) -> Path:
        """The file with its steps."""

    @property
    def target(self) -> str:
        """The stage of the file that it is."""

    @property
    def context(self) -> Path:
        """The folder that the steps copy from."""


@dataclass(frozen=True)
class Image:
    """One image: its name, and the files beside our code that it is made from."""

    name: str
    dockerfile: Path
    target: str
    requirements: tuple[Path, ...]

    @property
    def context(self) -> Path:
        """The folder that the Dockerfile copies from."""
        return ROOT

    def reference(self) -> str:
        """Return the name under which nodes find this very content."""
        files = [self.dockerfile, *self.requirements, ROOT / "pyproject.toml", *_code()]
        paths_in_order = [str(file.relative_to(ROOT)) for file in files]
        return f"localhost/{self.name}:{paths.key(files, self.target, *paths_in_order)}"


_OPERATOR, _SERVING = ROOT / "operator", ROOT / "serving"
OPERATOR = Image(
    "perennial-operator",
    _OPERATOR / "Dockerfile",
    "operator",
    (_OPERATOR / "requirements.txt",),
)
JOB = Image(
    "perennial-job",
    _OPERATOR / "Dockerfile",
    "job",
    (_OPERATOR / "requirements-job.txt",),
)
SERVER = Image(
    "perennial-server",
    _SERVING / "Dockerfile",
    "serving",
    (_SERVING / "requirements.txt",),
)
SERVER_SKLEARN = Image(
    "perennial-server-sklearn",
    _SERVING / "Dockerfile",
    "serving-sklearn",
    (_SERVING / "requirements.txt", _SERVING / "requirements-sklearn.txt"),
)
ALL = (OPERATOR, JOB, SERVER, SERVER_SKLEARN)


@dataclass(frozen=True)
class References:
    """What manifests and the operator's configuration call the images."""

    operator: str
    job: str
    server: str
    server_sklearn: str


@cache
def named() -> dict[Image, str]:
    """Return every image with its name, fixed for this process though someone edits the code."""
    return {image: image.reference() for image in ALL}


def references() -> References:
    """Return the names of the images that this checkout makes."""
    names = named()
    return References(names[OPERATOR], names[JOB], names[SERVER], names[SERVER_SKLEARN])


def build_arguments(base: str | None = None) -> list[str]:
    """Return what a build needs to know of this machine, as words of the command line."""
    values = {name: os.environ[name] for name in FROM_ENVIRONMENT if name in os.environ}
    if base:
        values["BASE"] = base
    return [*(f"--build-arg={name}={value}" for name, value in values.items()), *_certificates()]


def _certificates() -> list[str]:
    """Let a build trust whom this machine trusts: a company's own authority, for example."""
    file = Path(os.environ.get("SSL_CERT_FILE") or CERTIFICATES)
    if not file.exists():
        return []
    return [f"--secret=id=certificates,src={file}", f"--build-arg=PIP_CERT={CERTIFICATES}"]


def _code() -> Iterator[Path]:
    for folder in CODE:
        yield from sorted(
            file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts
        )
