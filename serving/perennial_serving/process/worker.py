"""A worker process: loads the model, runs the self-check, serves until it is stopped."""

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
from perennial_serving.process.assembly import Assembly, WorkerContext, assemble
from perennial_serving.process.gc_freeze import gc_frozen
from perennial_serving.process.lifecycle import ConnectionCounts, ParentPipe
from perennial_serving.process.loopback_client import LoopbackClient
from perennial_serving.process.sockets import Acceptor
from perennial_serving.settings import ServeSettings

FINISH: Final = signal.SIGUSR1
"""Tells a draining worker to end; the sockets are closed by then."""

_PUBLISH_SECONDS: Final = 0.05
_LINGER_SECONDS: Final = 0.3
_IN_FLIGHT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class WorkerSlot:
    """What a worker takes over from its predecessor."""

    context: WorkerContext
    listeners: Sequence[socket.socket]
    """One socket per worker; while a worker is not ready, the others accept on its socket."""
    connection_counts: ConnectionCounts
    parent_pipe: ParentPipe
    """Ends with the supervisor."""


def work(settings: ServeSettings, slot: WorkerSlot) -> None:
    """Serve until told to finish; raise if the model fails its self-check."""
    with gc_frozen():
        parts = assemble(settings, slot.context)
    uvloop.run(_Worker(settings, slot, parts).run())


class _Worker:
    """Runs one event loop; there is one in a process."""

    def __init__(self, settings: ServeSettings, slot: WorkerSlot, parts: Assembly) -> None:
        self._settings = settings
        self._slot = slot
        self._parts = parts
        self._finish = asyncio.Event()
        self._connections = Connections(
            parts.service.handle,
            settings.connection_limits,
            parts.readiness,
            settings.identity,
            parts.service.count,
        )

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        # one thread: more would compete for the CPU with the event loop, which answers probes
        loop.set_default_executor(ThreadPoolExecutor(1, "offload"))
        loop.add_signal_handler(FINISH, self._finish.set)
        loop.add_reader(self._slot.parent_pipe.read_end, self._orphaned)
        connection = partial(Connection, self._connections)
        async with self._background_tasks():
            samples = load_samples(self._settings.folder)
            await self._parts.run_self_check(samples, LoopbackClient(connection).post)
            # until now, connections wait at the socket instead of getting 503
            async with Acceptor(connection, self._slot.context, self._slot.listeners):
                loop.add_signal_handler(signal.SIGTERM, self._drain)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
                await self._finish.wait()
            await asyncio.sleep(_LINGER_SECONDS)
            await self._connections.close_all(_IN_FLIGHT_SECONDS)

    @asynccontextmanager
    async def _background_tasks(self) -> AsyncIterator[None]:
        """Run the periodic tasks; count all pending records at the end."""
        tasks = [
            asyncio.ensure_future(task)
            for task in (self._connections.watch(), self._parts.counters.flush_regularly())
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            self._parts.counters.flush()

    def _drain(self) -> None:
        """Keep serving, with `Connection: close` on every response."""
        self._parts.readiness.draining = True
        self._publish_connections()

    def _publish_connections(self) -> None:
        self._slot.connection_counts.set(self._slot.context.worker, len(self._connections))
        asyncio.get_running_loop().call_later(_PUBLISH_SECONDS, self._publish_connections)

    def _orphaned(self) -> None:
        """End with the supervisor; without it the worker would run for ever."""
        os._exit(1)
