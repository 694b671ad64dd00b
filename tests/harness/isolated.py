"""Environments for packages that must not meet ours: other people's clients with their own pins."""

import os
import sys
from pathlib import Path

from harness import locks, paths, programs


def python_with(*requirements: str) -> Path:
    """Return a Python that has these packages and no others; made once and kept in the cache."""
    folder = environment_folder(requirements)
    with locks.exclusive(folder.name):
        if not folder.exists():
            _make(folder, requirements)
    return folder / "bin/python"


def environment_folder(requirements: tuple[str, ...]) -> Path:
    """Return where the environment of these packages and this Python is kept."""
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return paths.cache() / f"isolated-{paths.key((), python, sys.prefix, *requirements)}"


def _make(folder: Path, requirements: tuple[str, ...]) -> None:
    env = {"UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1")}
    with paths.complete_or_absent(folder) as made:
        made.rmdir()  # uv makes it itself
        uv = (*programs.UV, "--quiet")
        programs.run([*uv, "venv", "--relocatable", "--python", sys.executable, made], env=env)
        install = (*uv, "pip", "install", "--compile-bytecode", "--python", made)
        programs.run([*install, *requirements], env=env)
