"""One process that answers: loads the model, proves itself, serves until it is told to end."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import uvloop

from perennial.artifacts.answers import load_samples
from perennial_serving.http.connections import Connections
from perennial_serving.http.protocol import Connection
from perennial_serving.process.assembly import Assembly, Place, assemble
from perennial_serving.process.gc_freeze import made_to_last
from perennial_serving.process.lifecycle import Board, Lifeline
from perennial_serving.process.loopback_client import OwnClient
from perennial_serving.process.sockets import Accepting
from perennial_serving.settings import ServeSettings

FINISH: Final = signal.SIGUSR1
"""Tells a worker that drains to end: nobody will come any more."""

_SHOW_SECONDS: Final = 0.05
_LAST_CALL_SECONDS: Final = 0.3
_UNDER_WAY_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Post:
    """What a worker takes over from the one before it."""

    place: Place
    listeners: Sequence[socket.socket]
    """One of each worker: while one is not ready, the others accept its callers."""
    board: Board
    lifeline: Lifeline
    """Ends when the supervisor does."""


def work(settings: ServeSettings, post: Post) -> None:
    """Serve until told to end; raise when the model cannot be served as it was trained."""
    with made_to_last():
        parts = assemble(settings, post.place)
    uvloop.run(_Worker(settings, post, parts).run())


class _Worker:
    """Runs one event loop; there is one in a process."""

    def __init__(self, settings: ServeSettings, post: Post, parts: Assembly) -> None:
        self._settings = settings
        self._post = post
        self._parts = parts
        self._finish = asyncio.Event()
        self._connections = Connections(
            parts.service.handle,
            settings.connection_limits,
            parts.lifecycle,
            settings.version,
            parts.service.count,
        )

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        # one thread: more would wait for each other, and the loop stays free for probes
        loop.set_default_executor(ThreadPoolExecutor(1, "beside"))
        loop.add_signal_handler(FINISH, self._finish.set)
        loop.add_reader(self._post.lifeline.end, self._orphaned)
        connection = partial(Connection, self._connections)
        async with self._duties():
            samples = load_samples(self._settings.folder)
            await self._parts.prove(samples, OwnClient(connection).post)
            # until then, callers wait at its socket, rather than hear that this is not ready
            async with Accepting(connection, self._post.place, self._post.listeners):
                loop.add_signal_handler(signal.SIGTERM, self._drain)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
                await self._finish.wait()
            await asyncio.sleep(_LAST_CALL_SECONDS)
            await self._connections.leave(_UNDER_WAY_SECONDS)

    @asynccontextmanager
    async def _duties(self) -> AsyncIterator[None]:
        """Do regularly what has to be done regularly; count everything in the end."""
        duties = [
            asyncio.ensure_future(duty)
            for duty in (self._connections.watch(), self._parts.counters.flush_regularly())
        ]
        try:
            yield
        finally:
            for duty in duties:
                duty.cancel()
            self._parts.counters.flush()

    def _drain(self) -> None:
        """Go on answering, and tell everybody to connect elsewhere."""
        self._parts.lifecycle.draining = True
        self._show()

    def _show(self) -> None:
        self._post.board.show(self._post.place.worker, len(self._connections))
        asyncio.get_running_loop().call_later(_SHOW_SECONDS, self._show)

    def _orphaned(self) -> None:
        """Without its supervisor a worker would go on for ever."""
        os._exit(1)
