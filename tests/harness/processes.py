"""Long-running programs beside the tests, stopped by the process id that was written down."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from harness import programs
from harness.programs import HarnessError

RECORDS = "processes"

_CHILDREN: list[subprocess.Popen[bytes]] = []
"""Daemons outlive whoever started them; Python warns of a child that is forgotten while it runs."""


class EndedError(HarnessError):
    """A daemon that ended before it was ready; its last words are the message."""


@dataclass(frozen=True)
class Daemon:
    """A program that runs as long as the cluster does."""

    name: str
    argv: tuple[str | Path, ...]
    folder: Path

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def record(self) -> Path:
        """Where its process id is written down."""
        return self.folder / RECORDS / f"{self.name}.json"


def ensure(daemon: Daemon) -> bool:
    """Start the daemon unless it runs; tell whether it had to be started."""
    if is_running(daemon):
        return False
    for file in (daemon.log, daemon.record):
        file.parent.mkdir(parents=True, exist_ok=True)
    with daemon.log.open("ab") as log:
        process = subprocess.Popen(
            daemon.argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=programs.environment(),
            cwd=daemon.folder,
            start_new_session=True,
        )
    _CHILDREN.append(process)
    record = {"pid": process.pid, "started": _start_time(process.pid)}
    daemon.record.write_text(json.dumps(record))
    return True


def is_running(daemon: Daemon) -> bool:
    """Tell whether the recorded process is alive, and not another with its number."""
    return process_id(daemon.record) is not None


def process_id(record: Path) -> int | None:
    """Return the id of the process in a record, if it still runs."""
    try:
        content = json.loads(record.read_text())
    except FileNotFoundError:
        return None
    started = _start_time(content["pid"])
    return int(content["pid"]) if started and started == content["started"] else None


def recorded(folder: Path, names: Iterable[str] = ("*",)) -> list[int]:
    """Return the ids of the processes that run for a cluster, or of those with these names."""
    files = [file for name in names for file in (folder / RECORDS).glob(f"{name}.json")]
    return [pid for pid in map(process_id, files) if pid]


def wait(daemon: Daemon, is_ready: Callable[[], bool], seconds: float = 600) -> None:
    """Wait until a daemon is ready; when it ends instead, say so with its last words."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if not is_running(daemon):
            raise EndedError(f"{daemon.name} ended:\n{_last_words(daemon)}")
        if time.monotonic() > deadline:
            raise HarnessError(
                f"{daemon.name} is not ready after {seconds:.0f} s:\n{_last_words(daemon)}"
            )
        time.sleep(0.1)


def stop(pids: Iterable[int], grace: float = 5) -> None:
    """End these processes: politely first, by force after the grace."""
    alive = [pid for pid in pids if pid != os.getpid()]
    for sign, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        for pid in alive:
            _send(pid, sign)
        deadline = time.monotonic() + seconds
        while alive and time.monotonic() < deadline:
            alive = [pid for pid in alive if _start_time(pid)]
            time.sleep(0.02)


def _send(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return


def _start_time(pid: int) -> str:
    """Return when a live process began, in ticks since boot; empty for a dead one."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    dead = fields[0] in {"Z", "X"}
    return "" if dead else fields[19]


def _last_words(daemon: Daemon, lines: int = 12) -> str:
    return "\n".join(daemon.log.read_text(errors="replace").splitlines()[-lines:])
