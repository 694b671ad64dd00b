"""All connections of one worker: what they share, and their timeouts."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, Protocol

from perennial_serving.http.limits import ConnectionLimits
from perennial_serving.http.messages import Request, Response, as_json
from perennial_serving.http.request_ids import RequestIds
from perennial_serving.http.response_heads import Headers, ResponseHeads
from perennial_serving.readiness import Readiness

Handler = Callable[[Request], Response | Awaitable[Response]]
Count = Callable[[Request, Response], None]

log = logging.getLogger(__name__)

_TICK_SECONDS: Final = 0.25
_LATE_TICKS: Final = 2
"""After a tick this late the process was suspended: input may lie unread in the sockets."""
_SERVED_OVER_LIMIT: Final = ("/v2/health/live", "/v2/health/ready", "/metrics")


class OpenConnection(Protocol):
    """What the connections of a worker have in common."""

    def check(self, now: float) -> None:
        """Close it if it has exceeded a timeout."""

    def close_if_idle(self) -> None:
        """Close it unless a request has begun or is unanswered."""

    def abort(self) -> None:
        """Close it at once."""


class Connections:
    """The open connections of a worker, with one clock for all of them.

    `identity` holds the headers that every response has.
    `count` is called with every response that does not come from `handle`.
    """

    def __init__(
        self,
        handle: Handler,
        limits: ConnectionLimits,
        readiness: Readiness,
        identity: Headers,
        count: Count = lambda _request, _response: None,
    ) -> None:
        self.handle: Final = handle
        self.count: Final = count
        self.limits: Final = limits
        self.readiness: Final = readiness
        self.heads: Final = ResponseHeads(identity)
        self.ids: Final = RequestIds()
        self.now = 0.0
        """Monotonic seconds, exact to a tick; an attribute is faster to read than a clock."""
        self._open: set[OpenConnection] = set()
        self._tick()

    def __len__(self) -> int:
        """Return the number of open connections, including closing ones."""
        return len(self._open)

    def add(self, connection: OpenConnection) -> bool:
        """Register a connection; return whether it is within the limit."""
        is_within_limit = len(self._open) < self.limits.connections
        if not is_within_limit and len(self._open) >= 2 * self.limits.connections:
            connection.abort()  # even a 503 takes memory
        else:
            self._open.add(connection)
        return is_within_limit

    def discard(self, connection: OpenConnection) -> None:
        """Remove a closed connection."""
        self._open.discard(connection)

    async def watch(self) -> None:
        """Advance the clock and enforce timeouts, until cancelled."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            before = self.now
            self._tick()
            if self.now - before < _LATE_TICKS * _TICK_SECONDS:
                for connection in tuple(self._open):
                    connection.check(self.now)

    def _tick(self) -> None:
        self.now = time.monotonic()
        self.heads.refresh(time.time())

    async def close_all(self, timeout_seconds: float) -> None:
        """Close idle connections, wait for requests in flight, then close the rest."""
        deadline = time.monotonic() + timeout_seconds
        while self._open and time.monotonic() < deadline:
            for connection in tuple(self._open):
                connection.close_if_idle()
            await asyncio.sleep(_TICK_SECONDS / 5)
        for connection in tuple(self._open):
            connection.abort()

    def handle_over_limit(self, request: Request) -> Response | Awaitable[Response]:
        """Serve only probes and scrapes: a full server is neither dead nor invisible."""
        if request.path in _SERVED_OVER_LIMIT:
            return self.handle(request)
        error = {"error": "too many are connected: try another server, or later"}
        response = as_json(error, HTTPStatus.SERVICE_UNAVAILABLE, (("retry-after", "1"),))
        self.count(request, response)
        return response

    def failed(self, request: Request, error: Exception) -> Response:
        """Return the response to a request whose handler has raised."""
        log.error("request %s failed", request.id, exc_info=error)
        message = f"the server failed; its log says why under {request.id}"
        return as_json({"error": message}, HTTPStatus.INTERNAL_SERVER_ERROR)
