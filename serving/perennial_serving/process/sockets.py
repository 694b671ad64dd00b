"""Accepts connections on the worker's own socket, and on those of workers that are not ready.

Connections to the socket of a worker that died are therefore served before it is replaced.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final, Self

from perennial_serving.process.assembly import WorkerContext

BACKLOG: Final = 2048
_POLL_SECONDS: Final = 0.25


class Acceptor:
    """Accepts connections while it is entered; closes this worker's sockets at exit.

    `listeners` holds one socket per worker.
    """

    def __init__(
        self,
        connection: Callable[[], asyncio.Protocol],
        context: WorkerContext,
        listeners: Sequence[socket.socket],
    ) -> None:
        self._connection = connection
        self._context = context
        self._listeners = listeners
        self._servers: dict[int, asyncio.Server] = {}

    async def __aenter__(self) -> Self:
        """Start accepting on the own socket, and watching the other workers."""
        await self._open(self._context.worker)
        self._watching = asyncio.ensure_future(self._cover_for_others())
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Stop accepting."""
        self._watching.cancel()
        for server in self._servers.values():
            server.close()
        for listener in self._listeners:
            listener.close()

    async def _cover_for_others(self) -> None:
        """Accept on the sockets of workers that are no longer ready, until cancelled."""
        memories = enumerate(self._context.shared.memories)
        others = [(worker, memory) for worker, memory in memories if worker != self._context.worker]
        were_ready: set[int] = set()
        while True:
            for worker, memory in others:
                if memory.ready:
                    were_ready.add(worker)
                    if worker in self._servers:
                        self._servers.pop(worker).close()
                elif worker in were_ready and worker not in self._servers:
                    await self._open(worker)
            await asyncio.sleep(_POLL_SECONDS)

    async def _open(self, worker: int) -> None:
        # asyncio closes the socket with the server; the original may be needed again
        self._servers[worker] = await asyncio.get_running_loop().create_server(
            self._connection, sock=self._listeners[worker].dup(), backlog=BACKLOG
        )
