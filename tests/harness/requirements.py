"""The requirement files: every version and hash that an image or the tests install."""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from harness import programs, progress
from harness.paths import ROOT

OLDEST_PYTHON = "3.11"
STAMP = "# extras:sha256="


@dataclass(frozen=True)
class Requirements:
    """One requirement file and the extras of pyproject.toml that it holds."""

    path: Path
    extras: tuple[str, ...]
    alone: bool = False
    """Whether it leaves out what every extra depends on."""

    def header(self) -> str:
        """Return the first lines of the file: what it is made from, and how."""
        names = ", ".join(self.extras)
        return f"# `make generate` compiles this from pyproject.toml: {names}.\n{self.stamp()}\n"

    def stamp(self) -> str:
        """Return the line that tells whether the file is older than its extras."""
        return STAMP + hashlib.sha256(json.dumps(self.wanted()).encode()).hexdigest()[:16]

    def wanted(self) -> list[list[str]]:
        """Return what pyproject.toml asks for, list by list."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        chosen = [project["optional-dependencies"][extra] for extra in self.extras]
        return chosen if self.alone else [project["dependencies"], *chosen]

    def source(self) -> tuple[list[str], bytes]:
        """Return what uv compiles, as words of its command line and as its input."""
        if self.alone:
            return ["-"], "\n".join(chain.from_iterable(self.wanted())).encode()
        return [
            "pyproject.toml",
            *(word for each in self.extras for word in ("--extra", each)),
        ], b""


TESTS = Requirements(
    ROOT / "tests/requirements.txt",
    ("operator", "training", "serving", "serving-sklearn", "cli", "dev", "demo"),
)
IMAGES = (
    Requirements(ROOT / "operator/requirements.txt", ("operator",)),
    Requirements(ROOT / "operator/requirements-job.txt", ("training",)),
    Requirements(ROOT / "serving/requirements.txt", ("serving",)),
    Requirements(ROOT / "serving/requirements-sklearn.txt", ("serving", "serving-sklearn")),
    Requirements(ROOT / "tests/harness/servers/requirements.txt", ("servers",), alone=True),
)


def outdated() -> list[Path]:
    """Return the files that no longer belong to their extras; asks nobody on the network."""
    return [
        requirements.path
        for requirements in (TESTS, *IMAGES)
        if not requirements.path.exists()
        or requirements.stamp() not in requirements.path.read_text().splitlines()
    ]


def compile_all() -> None:
    """Bring every outdated file up to date, with one version of each package among them."""
    stale = outdated()
    if TESTS.path in stale:
        _compile(TESTS)
    for requirements in IMAGES:
        if stale:
            _compile(requirements, constraints=(TESTS.path,))


def _compile(requirements: Requirements, constraints: Sequence[Path] = ()) -> None:
    """Resolve anew, keeping the versions that the file holds wherever they still fit."""
    source, lines = requirements.source()
    argv = [*programs.UV, "pip", "compile", *source, "--universal", "--quiet"]
    argv += ["--python-version", OLDEST_PYTHON, "--generate-hashes"]
    argv += ["--no-emit-index-url", "--no-header", "--output-file", str(requirements.path)]
    argv += [word for file in constraints for word in ("--constraint", str(file))]
    with progress.step(f"compile {requirements.path.relative_to(ROOT)}"):
        programs.run(argv, cwd=ROOT, stdin=lines)
    requirements.path.write_text(requirements.header() + requirements.path.read_text())
