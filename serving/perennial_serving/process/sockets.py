"""Where a worker accepts callers: at its own socket, and at those of workers ready no more.

So whoever comes to the socket of a worker that died is answered before it is replaced.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final, Self

from perennial_serving.process.assembly import Place

BACKLOG: Final = 2048
_GLANCE_SECONDS: Final = 0.25


class Accepting:
    """Lets callers in while it is entered; holds none of the sockets afterwards."""

    def __init__(
        self,
        connection: Callable[[], asyncio.Protocol],
        place: Place,
        listeners: Sequence[socket.socket],
    ) -> None:
        """Be the worker of a place; each of the workers has one of the listeners."""
        self._connection = connection
        self._place = place
        self._listeners = listeners
        self._servers: dict[int, asyncio.Server] = {}

    async def __aenter__(self) -> Self:
        """Accept at the own socket from now on, and look after the others."""
        await self._open(self._place.worker)
        self._standing_in = asyncio.ensure_future(self._stand_in())
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Let nobody in any more."""
        self._standing_in.cancel()
        for server in self._servers.values():
            server.close()
        for listener in self._listeners:
            listener.close()

    async def _stand_in(self) -> None:
        """Accept where somebody was ready to and is no more; for as long as the worker lives."""
        slabs = enumerate(self._place.shared.slabs)
        others = [(worker, slab) for worker, slab in slabs if worker != self._place.worker]
        were_ready: set[int] = set()
        while True:
            for worker, slab in others:
                if slab.ready:
                    were_ready.add(worker)
                    if worker in self._servers:
                        self._servers.pop(worker).close()
                elif worker in were_ready and worker not in self._servers:
                    await self._open(worker)
            await asyncio.sleep(_GLANCE_SECONDS)

    async def _open(self, worker: int) -> None:
        # a server closes its socket in the end: a duplicate, for another may be needed there
        self._servers[worker] = await asyncio.get_running_loop().create_server(
            self._connection, sock=self._listeners[worker].dup(), backlog=BACKLOG
        )
