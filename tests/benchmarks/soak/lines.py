"""A caller that costs little: kept connections, one request at a time on each, ready-made bytes."""

import asyncio
import math
from collections import deque
from collections.abc import Iterator
from typing import cast

from benchmarks.soak.traffic import PlannedRequest

PATIENCE_SECONDS = 30.0
TURN_SECONDS = 0.005
STATUS = slice(9, 12)
LENGTH = b"\r\ncontent-length: "
MOST_WRONG = 5


class LoadError(Exception):
    """Requests were lost, or answered otherwise than they must be."""


class Lines:
    """All connections to one server, and what is still to be sent on them."""

    def __init__(self, requests: Iterator[PlannedRequest]) -> None:
        self.urgent: deque[PlannedRequest] = deque()
        """Goes before all others."""
        self.sent = self.answered = 0
        self.wrong: list[str] = []
        self._requests = requests
        self._owed = 0.0
        self._idle: list[Line] = []
        self._lines: list[Line] = []

    async def connect(self, port: int, connections: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: Line(self), "127.0.0.1", port)

    async def at_full_speed(self, seconds: float) -> float:
        """Ask as fast as answers come; return how many were answered each second."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), self.answered
        self.release(math.inf)
        await asyncio.sleep(seconds)
        rate = (self.answered - before) / (loop.time() - began)
        self._owed = 0
        await self.quiet()
        return rate

    async def steady(self, rate: float, seconds: float) -> None:
        """Ask so often, whatever the answers take."""
        loop = asyncio.get_running_loop()
        began, released = loop.time(), 0
        while (elapsed := loop.time() - began) < seconds and not self.wrong:
            due = int(rate * elapsed) - released
            released += due
            self.release(due)
            await asyncio.sleep(TURN_SECONDS)
        await self.quiet()

    async def send_urgent(self) -> None:
        """Send what is urgent, and what becomes urgent by its answers, before anything else."""
        while self.urgent:
            self.release(len(self.urgent))
            await self.quiet()

    async def quiet(self) -> None:
        """Send what is owed, and wait for the last answer."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while (self._owed >= 1 or len(self._idle) < len(self._lines)) and not self.wrong:
            if asyncio.get_running_loop().time() > deadline:
                self.wrong.append(f"{len(self._lines) - len(self._idle)} requests got no answer")
            await asyncio.sleep(TURN_SECONDS)
        if self.wrong:
            raise LoadError("; ".join(self.wrong[:MOST_WRONG]))

    def release(self, requests: float) -> None:
        """Let so many more requests go, as soon as there is a connection for each."""
        self._owed += requests
        while self._owed >= 1 and self._idle:
            self._send(self._idle.pop())

    def joined(self, line: "Line") -> None:
        self._lines.append(line)
        self._idle.append(line)

    def take(self, line: "Line", request: PlannedRequest, status: int, body: bytes) -> None:
        """Take an answer, and go on with the next request."""
        self.answered += 1
        request.answered += 1
        if status != request.status:
            self.wrong.append(f"{status} rather than {request.status}: {body[:200]!r}")
        elif request.on_answer is not None:
            request.on_answer(body)
        if self._owed >= 1:
            self._send(line)
        else:
            self._idle.append(line)

    def lost(self) -> None:
        self.wrong.append("the server ended a connection")

    def close(self) -> None:
        for line in self._lines:
            line.close()

    def _send(self, line: "Line") -> None:
        self._owed -= 1
        self.sent += 1
        line.ask(self.urgent.popleft() if self.urgent else next(self._requests))


class Line(asyncio.Protocol):
    """One connection."""

    __slots__ = ("_asked", "_closing", "_end", "_lines", "_read", "_transport")

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._read, self._end = b"", 0
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._lines.joined(self)

    def ask(self, request: PlannedRequest) -> None:
        self._request = request
        request.sent += 1
        self._transport.write(request.data)

    def data_received(self, data: bytes) -> None:
        read = self._read + data if self._read else data
        if not self._end:
            head = read.find(b"\r\n\r\n")
            if head >= 0:
                at = read.index(LENGTH, 0, head) + len(LENGTH)
                self._end = head + 4 + int(read[at : read.index(b"\r\n", at)])
        if not self._end or len(read) < self._end:
            self._read = read
            return
        self._read, self._end = b"", 0
        self._lines.take(self, self._request, int(read[STATUS]), read)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closing:
            self._lines.lost()

    def close(self) -> None:
        self._closing = True
        self._transport.close()
