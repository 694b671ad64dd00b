"""Environments for packages that must not meet ours: other people's clients with their own pins."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from harness import locks, paths, programs, progress

CLIENTS: Final = MappingProxyType(
    {
        "tritonclient": ("tritonclient[http]==2.73.0",),
        "kserve": ("kserve==0.21.0",),
        "mlserver": ("mlserver==1.7.1", "pandas<3"),
        "schemathesis": ("schemathesis==4.32.5",),
    }
)
"""What asks our server for answers, and what each needs beside it."""


def ensure() -> None:
    """Make every environment that is not there: the network of the tests reaches no index."""
    for name, requirements in CLIENTS.items():
        folder = environment_folder(requirements)
        with locks.exclusive(folder.name), progress.step(f"install {name}"):
            if not folder.exists():
                _make(folder, requirements)


def python_of(client: str) -> Path:
    """Return a Python that has the packages of a client and no others."""
    python = environment_folder(CLIENTS[client]) / "bin/python"
    if not python.exists():
        raise programs.HarnessError(f"{client} is not installed; `make e2e` and `make test` do it")
    return python


def environment_folder(requirements: Sequence[str]) -> Path:
    """Return where the environment of these packages and this Python is kept."""
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return paths.cache() / f"isolated-{paths.key((), python, sys.prefix, *requirements)}"


def _make(folder: Path, requirements: Sequence[str]) -> None:
    env = {"UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1")}
    with paths.complete_or_absent(folder) as made:
        made.rmdir()  # uv makes it itself
        uv = (*programs.UV, "--quiet")
        programs.run([*uv, "venv", "--relocatable", "--python", sys.executable, made], env=env)
        install = (*uv, "pip", "install", "--compile-bytecode", "--python", made)
        programs.run([*install, *requirements], env=env)
