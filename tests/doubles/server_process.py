"""The model server as the process that a pod runs, on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from builders.artifact import MODEL, VERSION

ROOT = Path(__file__).resolve().parents[2]
LONGEST_START_SECONDS = 120
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class ServerProcess:
    process: subprocess.Popen
    port: int
    folder: Path

    def ask(self, method: str, path: str, body=None) -> tuple[int, dict]:
        """Send one request on a connection of its own; return status and JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def text(self, path: str) -> str:
        """Get a page that is not JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        pid = self.process.pid
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]

    def resident_bytes(self) -> int:
        """Return the memory of all its processes."""
        pids = (self.process.pid, *self.workers())
        pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
        return sum(pages) * PAGE_BYTES

    def until_ready(self) -> None:
        """Wait until callers are welcome, or fail with what the process said."""
        deadline = time.monotonic() + LONGEST_START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask("GET", "/v2/health/ready")[0] == 200:
                    return
            except OSError:
                pass  # it does not listen yet
            time.sleep(0.02)
        raise AssertionError(f"never ready: {self.log()}")

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ended(self, within: float = LONGEST_START_SECONDS) -> int:
        """Wait for the end and return the exit code."""
        return self.process.wait(within)

    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def report(self) -> dict:
        """Return what the operator would read as the container's last words."""
        return json.loads((self.folder / "report").read_text())


@contextmanager
def server_process(
    command: str, folder: Path, environment: dict[str, str]
) -> Iterator[ServerProcess]:
    """Run one command of the server until the test is over."""
    port = free_port()
    more = {"PERENNIAL_HOST": "127.0.0.1", "PERENNIAL_PORT": str(port), **environment}
    with started(
        (sys.executable, "-m", "perennial_serving", command), port, folder, more
    ) as server:
        yield server


@contextmanager
def started(
    argv: Sequence[str], port: int, folder: Path, environment: dict[str, str]
) -> Iterator[ServerProcess]:
    """Run a program that imports the server's code until the test is over."""
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            argv,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{ROOT / 'operator'}:{ROOT / 'serving'}",
                "PERENNIAL_REPORT_FILE": str(folder / "report"),
                "PERENNIAL_MODEL_NAME": MODEL,
                "PERENNIAL_MODEL_VERSION": VERSION,
                **environment,
            },
        )
        try:
            yield ServerProcess(process, port, folder)
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
