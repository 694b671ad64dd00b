"""All connections of one worker: what they share, and when each has waited long enough."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, Protocol

from perennial_serving.http.limits import ConnectionLimits
from perennial_serving.http.messages import Request, Response, as_json
from perennial_serving.http.request_ids import RequestIds
from perennial_serving.http.response_heads import Heads
from perennial_serving.readiness import Lifecycle

Handler = Callable[[Request], Response | Awaitable[Response]]
Count = Callable[[Request, Response], None]

log = logging.getLogger(__name__)

_TICK_SECONDS: Final = 0.25
_LATE_TICKS: Final = 2
"""So late, the worker stood still: what came meanwhile may lie unread in the sockets."""
_ANSWERED_IN_A_CROWD: Final = ("/v2/health/live", "/v2/health/ready", "/metrics")


class Connected(Protocol):
    """One of the connections."""

    def check(self, now: float) -> None:
        """End it if it keeps the process waiting."""

    def dismiss(self) -> None:
        """End it if nothing of a request has arrived that is not answered."""

    def abort(self) -> None:
        """End it, whatever is under way."""


class Connections:
    """Knows who is connected; the clock ticks here once for all of them."""

    def __init__(
        self,
        handle: Handler,
        limits: ConnectionLimits,
        lifecycle: Lifecycle,
        version: str,
        count: Count = lambda _request, _response: None,
    ) -> None:
        """Begin with nobody; what is answered without the handler is told to `count`."""
        self.handle: Final = handle
        self.count: Final = count
        self.limits: Final = limits
        self.lifecycle: Final = lifecycle
        self.heads: Final = Heads(version)
        self.ids: Final = RequestIds()
        self.now = 0.0
        """Seconds of a clock of its own, exact to a tick: reading a real one takes longer."""
        self._open: set[Connected] = set()
        self._tick()

    def __len__(self) -> int:
        """Return how many are connected, those included that are only let go."""
        return len(self._open)

    def add(self, connection: Connected) -> bool:
        """Take another connection in, and say whether it may ask for anything."""
        welcome = len(self._open) < self.limits.connections
        if not welcome and len(self._open) >= 2 * self.limits.connections:
            connection.abort()  # even saying no takes memory
        else:
            self._open.add(connection)
        return welcome

    def discard(self, connection: Connected) -> None:
        """Forget a connection that is lost."""
        self._open.discard(connection)

    async def watch(self) -> None:
        """Keep the clock, and end who is overdue; for as long as the worker lives."""
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

    async def leave(self, patience: float) -> None:
        """End the idle ones, wait for what is under way, and end the rest."""
        deadline = time.monotonic() + patience
        while self._open and time.monotonic() < deadline:
            for connection in tuple(self._open):
                connection.dismiss()
            await asyncio.sleep(_TICK_SECONDS / 5)
        for connection in tuple(self._open):
            connection.abort()

    def handle_in_a_crowd(self, request: Request) -> Response | Awaitable[Response]:
        """Answer probes and scrapes: a full server is neither dead nor unknown."""
        if request.path in _ANSWERED_IN_A_CROWD:
            return self.handle(request)
        error = {"error": "too many are connected: try another server, or later"}
        response = as_json(error, HTTPStatus.SERVICE_UNAVAILABLE, (("retry-after", "1"),))
        self.count(request, response)
        return response

    def failed(self, request: Request, error: Exception) -> Response:
        """Return the answer to a request whose handler has none."""
        log.error("request %s failed", request.id, exc_info=error)
        words = f"the server failed; its log says why under {request.id}"
        return as_json({"error": words}, HTTPStatus.INTERNAL_SERVER_ERROR)
