"""Environments for packages that must not meet ours: other people's programs with their own pins.

Each is kept in the cache, under a name for what it was made from.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from harness import locks, paths, programs, progress


@dataclass(frozen=True)
class Environment:
    """One environment: its name, and the packages and the requirement file it is made from."""

    name: str
    packages: tuple[str, ...] = ()
    requirements: Path | None = None
    python: str = sys.executable

    @property
    def folder(self) -> Path:
        """Return where it is kept; another content, or another Python, has another place."""
        files = [self.requirements] if self.requirements else []
        python = str(Path(self.python).resolve())
        return (
            paths.cache() / "isolated" / f"{self.name}-{paths.key(files, python, *self.packages)}"
        )

    def program(self, name: str) -> str:
        """Return the path of one of its programs; nothing is installed on the way."""
        program = self.folder / "bin" / name
        if not program.exists():
            raise programs.HarnessError(f"{self.name} is not installed: there is no {program}")
        return str(program)

    def ensure(self, *, anew: bool = False) -> None:
        """Make it, with compiled bytecode, unless it is there and need not be new."""
        with locks.exclusive(f"isolated/{self.folder.name}"), progress.step(f"install {self.name}"):
            if anew:
                shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                self._make()

    def _make(self) -> None:
        with paths.complete_or_absent(self.folder) as made:
            made.rmdir()  # uv makes it itself
            uv = (*programs.UV, "--quiet")
            programs.run([*uv, "venv", "--relocatable", "--python", self.python, made])
            install = (*uv, "pip", "install", "--compile-bytecode", "--python", made)
            programs.run([*install, *self._wanted()])

    def _wanted(self) -> tuple[str | Path, ...]:
        if self.requirements is None:
            return self.packages
        # a file's hashes hold for what it names, and alone it names everything
        strict = () if self.packages else ("--require-hashes",)
        return (*strict, "--requirement", self.requirements, *self.packages)
