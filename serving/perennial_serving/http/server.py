"""uvicorn with an end that loses no request: announce, wait, and only then close."""

import asyncio
import signal
import socket
import time
from types import FrameType
from typing import Final

import uvicorn

from perennial_serving.http.asgi import Application
from perennial_serving.lifecycle import Lifecycle

# longer than the idle time of any usual client's pool: else both ends race for the last word
_IDLE_SECONDS: Final = 620
_LAST_CALL_SECONDS: Final = 0.3
_UNDER_WAY_SECONDS: Final = 10


class DrainingServer(uvicorn.Server):
    """Once asked to end, goes on answering until every connection has learned of it."""

    def __init__(
        self, application: Application, lifecycle: Lifecycle, drain_seconds: float
    ) -> None:
        """Configure uvicorn; it logs nothing but mishaps."""
        super().__init__(
            uvicorn.Config(
                application,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_IDLE_SECONDS,
                timeout_graceful_shutdown=_UNDER_WAY_SECONDS,
            )
        )
        self._lifecycle = lifecycle
        self._drain_seconds = drain_seconds
        self._drained_at = float("inf")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a handler
        """Begin to drain; asked a second time, or by a person at a keyboard, end now."""
        if self._lifecycle.draining or sig == signal.SIGINT:
            self.should_exit = True
        self._lifecycle.draining = True
        self._drained_at = time.monotonic() + self._drain_seconds

    async def on_tick(self, counter: int) -> bool:
        """Say whether it is time to end, ten times a second."""
        if await super().on_tick(counter):
            return True
        if not self._lifecycle.draining:
            return False
        return not self.server_state.connections or time.monotonic() > self._drained_at

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, hear out what was accepted a moment ago, close the rest."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(_LAST_CALL_SECONDS)
        await super().shutdown(sockets)
