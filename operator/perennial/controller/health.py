"""Serves /healthz, /readyz and /metrics from a thread, so that a stuck event loop is reported."""

import threading
from collections.abc import Callable
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

LONGEST_SILENCE: Final = 10.0
"""Seconds without a heartbeat of the event loop after which the process counts as stuck."""

_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


class Stage(StrEnum):
    """The stages of the process."""

    STANDBY = "standby"
    SYNCING = "syncing"
    LEADING = "leading"


class Verdict(NamedTuple):
    """The result of a probe."""

    well: bool
    text: str


class Health:
    """Whether the process is alive and ready."""

    def __init__(self, clock: Callable[[], float], overdue: Callable[[], float | None]) -> None:
        """`overdue` returns the age in seconds of the last comparison if it is too old."""
        self._clock = clock
        self._overdue = overdue
        self._beat = clock()
        self.stage = Stage.STANDBY

    def beat(self) -> None:
        """Record that the event loop runs."""
        self._beat = self._clock()

    def alive(self) -> Verdict:
        """Liveness: fails when a restart would help."""
        silence = self._clock() - self._beat
        if silence > LONGEST_SILENCE:
            return Verdict(well=False, text=f"the event loop has been stuck for {silence:.0f} s")
        age = self._overdue() if self.stage is Stage.LEADING else None
        if age is not None:
            return Verdict(well=False, text=f"last compared with the cluster {age:.0f} s ago")
        return Verdict(well=True, text="ok")

    def ready(self) -> Verdict:
        """Readiness: a standby is ready, and a leader once its cache is filled."""
        return Verdict(well=self.stage is not Stage.SYNCING, text=self.stage)


class Server:
    """The HTTP server for probes and Prometheus."""

    def __init__(self, port: int, health: Health, registry: CollectorRegistry) -> None:
        """Listen at once; port 0 takes a free one."""
        self._server = ThreadingHTTPServer(("", port), _handler(health, registry))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Return the port in use."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(health: Health, registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    answers: dict[str, Callable[[], tuple[bool, bytes]]] = {
        "/healthz": lambda: _plain(health.alive()),
        "/readyz": lambda: _plain(health.ready()),
        "/metrics": lambda: (True, generate_latest(registry)),
    }

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            answer = answers.get(self.path)
            well, body = answer() if answer else (False, b"not found\n")
            self.send_response((200 if well else 503) if answer else 404)
            self.send_header("Content-Type", _TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
            """Log nothing: probes come every few seconds."""

    return Handler


def _plain(verdict: Verdict) -> tuple[bool, bytes]:
    return verdict.well, f"{verdict.text}\n".encode()
