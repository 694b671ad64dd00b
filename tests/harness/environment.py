"""Runs the harness in an environment that holds its packages, made first where it is not there.

Standard library only: this is what runs on a machine that has nothing yet.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "tests/requirements.txt"
OLDEST = (3, 11)
NEWER = ("python3.13", "python3.12", "python3.11")


def main() -> None:
    """Become `python -m harness` with the arguments of this command."""
    if sys.version_info < OLDEST:
        _become_newer()
    folder = environment_folder(REQUIREMENTS.read_bytes(), sys.version_info[:2])
    if not folder.exists():
        _create(folder)
    own = [str(ROOT / part) for part in ("operator", "serving", "tests")]
    python = str(folder / "bin/python")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(own)}
    env.setdefault("UV_SYSTEM_CERTS", "1")
    os.chdir(ROOT)
    os.execve(python, [python, "-m", "harness", *sys.argv[1:]], env)


def environment_folder(requirements: bytes, version: tuple[int, ...]) -> Path:
    """Return where the environment for these packages and this Python is cached."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "perennial"
    python = ".".join(map(str, version))
    key = hashlib.sha256(requirements + python.encode() + sys.prefix.encode()).hexdigest()[:12]
    return cache / f"venv-{key}"


def _create(folder: Path) -> None:
    """Make the environment beside its place and move it there when it is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return
        print(f"        …    install the packages of {REQUIREMENTS.relative_to(ROOT)}", flush=True)
        _ensure_venv_module()
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            uv = _install_uv(Path(made) / "uv")
            unfinished = str(Path(made) / "venv")
            _run(uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, unfinished)
            _run(
                *(uv, "pip", "install", "--quiet", "--require-hashes", "--compile-bytecode"),
                *("--python", unfinished, "--requirement", str(REQUIREMENTS)),
            )
            Path(unfinished).rename(folder)


def _install_uv(folder: Path) -> str:
    _run(sys.executable, "-m", "venv", str(folder))
    pip = str(folder / "bin/pip")
    _run(pip, "install", "--quiet", "--disable-pip-version-check", "uv<1")
    return str(folder / "bin/uv")


def _ensure_venv_module() -> None:
    """Debian ships Python without the part that fills a new environment."""
    try:
        import ensurepip  # noqa: F401, PLC0415 - whether it is there is the question
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        command = f"apt-get install -y --no-install-recommends {package}"
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            sys.exit(f"missing Python's venv module; install it with: sudo {command}")
        _run("apt-get", "update", "-q")
        _run(*command.split(), "-q")


def _become_newer() -> None:
    for name in NEWER:
        if found := shutil.which(name):
            os.execv(found, [found, *sys.argv])
    sys.exit("this needs Python 3.11 or newer; install it with: sudo apt-get install python3.11")


def _run(*argv: str) -> None:
    env = {"UV_SYSTEM_CERTS": "1", "DEBIAN_FRONTEND": "noninteractive", **os.environ}
    done = subprocess.run(
        argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        sys.exit(f"`{' '.join(argv)}` ended with {done.returncode}\n{done.stdout.decode()}")


if __name__ == "__main__":
    main()
