"""Running other programs, with errors that a person can act on."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

UV = (sys.executable, "-m", "uv")
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"  # root's tools, which a user's PATH may lack


class HarnessError(Exception):
    """Something that the person at the keyboard has to know; shown without a stack."""


class ProgramFailedError(HarnessError):
    """A program ended badly; its last words are in the message."""

    def __init__(self, argv: Sequence[str], code: int, output: str) -> None:
        """Keep the end of the output: that is where programs say what went wrong."""
        tail = "\n".join(output.strip().splitlines()[-12:])
        super().__init__(f"`{shlex.join(argv)}` ended with {code}\n{tail}")
        self.code = code
        self.output = output


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes | None = None,
    timeout: float | None = None,
) -> str:
    """Run a program to its end and return what it printed, or raise with its last words."""
    words = [str(word) for word in argv]
    done = subprocess.run(
        words,
        env=environment(env),
        cwd=cwd,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    output = done.stdout.decode(errors="replace")
    if done.returncode:
        raise ProgramFailedError(
            words, done.returncode, output + done.stderr.decode(errors="replace")
        )
    return output


def succeeds(argv: Sequence[str | Path], *, timeout: float = 60) -> bool:
    """Tell whether a program exists and ends well."""
    try:
        run(argv, timeout=timeout)
    except (ProgramFailedError, OSError, subprocess.TimeoutExpired):
        return False
    return True


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment, with root's tools on the PATH, and these on top."""
    path = f"{os.environ.get('PATH', '/usr/bin:/bin')}:{SYSTEM_FOLDERS}"
    return {**os.environ, "PATH": path, **(more or {})}


def read_or_empty(file: Path) -> bytes:
    """Return what stands in a file of the kernel's, nothing when its process is gone."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
