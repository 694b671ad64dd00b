"""The transport alone, with any handler, in a thread; and a caller that sends bytes as it likes."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import uvloop

from perennial_serving.http.connections import Connections
from perennial_serving.http.limits import ConnectionLimits
from perennial_serving.http.messages import Request, Response
from perennial_serving.http.protocol import Connection
from perennial_serving.readiness import Readiness

VERSION = "flight-delay-7c1f9a2b"
IDENTITY = (("x-perennial-version", VERSION), ("x-perennial-revision", "3f9c1a2b4d"))
PATIENCE_SECONDS = 10
GET = b"GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n"


def echo(request: Request) -> Response:
    """Answer what arrived."""
    return Response(f"{request.method} {request.path} ".encode() + request.body)


def post(body: bytes = b"", path: str = "/predict", more: str = "") -> bytes:
    """Return an ordinary request."""
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\n{more}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Caller:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self._file = self.socket.makefile("rb")

    def send(self, *pieces: bytes) -> "Caller":
        for piece in pieces:
            self.socket.sendall(piece)
        return self

    def answer(self, *, to_head: bool = False) -> Answer:
        """Read one answer, as far as its own head says it goes."""
        line = self._file.readline()
        assert line.startswith(b"HTTP/1.1 "), line
        headers = {}
        while (header := self._file.readline()) not in {b"\r\n", b""}:
            name, value = header.decode().rstrip("\r\n").split(": ", 1)
            headers[name] = value
        length = 0 if to_head else int(headers.get("content-length", 0))
        return Answer(int(line.split()[1]), headers, self._file.read(length))

    def rest(self) -> bytes:
        """Read until the other end says no more."""
        return self._file.read()

    def say_no_more(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@dataclass
class Listening:
    """A running transport."""

    port: int
    connections: Connections
    readiness: Readiness
    loop: asyncio.AbstractEventLoop
    callers: list[Caller] = field(default_factory=list)

    def connect(self) -> Caller:
        self.callers.append(Caller(self.port))
        return self.callers[-1]

    def ask(self, *pieces: bytes) -> Answer:
        """Send on a connection of its own, and return the first answer."""
        return self.connect().send(*pieces).answer()

    def within(self, step: Callable[[], object]) -> object:
        """Do something in the thread of the server."""

        async def stepped() -> object:
            return step()

        return asyncio.run_coroutine_threadsafe(stepped(), self.loop).result(PATIENCE_SECONDS)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the thread of the server finds it so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.within(condition):
            assert time.monotonic() < deadline
            time.sleep(0.002)


@contextmanager
def listening(
    handle: Callable = echo, readiness: Readiness | None = None, **limits: float
) -> Iterator[Listening]:
    """Listen on a free port of loopback until the test is over."""
    started: Future[Listening] = Future()
    leave = threading.Event()
    stage = readiness or Readiness(verified=True)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        connections = Connections(handle, ConnectionLimits(**limits), stage, IDENTITY)
        server = await loop.create_server(partial(Connection, connections), "127.0.0.1", 0)
        watching = asyncio.create_task(connections.watch())
        port = server.sockets[0].getsockname()[1]
        started.set_result(Listening(port, connections, stage, loop))
        await loop.run_in_executor(None, leave.wait)
        watching.cancel()
        server.close()
        await connections.close_all(timeout_seconds=0)

    thread = threading.Thread(target=lambda: uvloop.run(serve()))
    thread.start()
    running = started.result(PATIENCE_SECONDS)
    try:
        yield running
    finally:
        for caller in running.callers:
            caller.close()
        leave.set()
        thread.join(PATIENCE_SECONDS)
