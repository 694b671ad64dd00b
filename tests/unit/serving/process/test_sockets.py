import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from perennial_serving.counters.shared import Shared
from perennial_serving.process.assembly import WorkerContext
from perennial_serving.process.sockets import Acceptor
from perennial_serving.process.supervisor import listen

POLL_SECONDS = 0.01
OWN, OTHER = 0, 1


class Welcome(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"welcome")
        transport.close()


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[socket.socket]:
    """Return sockets that differ in their ports, so that a caller can choose."""
    monkeypatch.setattr("perennial_serving.process.sockets._POLL_SECONDS", POLL_SECONDS)
    return [listen("127.0.0.1", 0, 1, 8)[0] for _ in (OWN, OTHER)]


@pytest.fixture
def context() -> WorkerContext:
    shared = Shared.create(2)
    for memory in shared.memories:
        memory.ready = True
    return WorkerContext(OWN, shared, key=bytes(32))


@asynccontextmanager
async def caller(listener: socket.socket) -> AsyncIterator[asyncio.Task[bytes]]:
    """Connect, and read until the end."""
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    reading = asyncio.create_task(reader.read())
    yield reading
    reading.cancel()
    writer.close()


async def welcomed(reading: asyncio.Task[bytes]) -> bool:
    return await asyncio.wait_for(reading, 5) == b"welcome"


async def is_waiting(reading: asyncio.Task[bytes]) -> bool:
    await asyncio.sleep(20 * POLL_SECONDS)
    return not reading.done()


async def test_callers_come_in_at_the_own_socket(listeners, context):
    async with Acceptor(Welcome, context, listeners), caller(listeners[OWN]) as reading:
        assert await welcomed(reading)


async def test_who_waits_at_the_socket_of_a_worker_that_dies_is_let_in_each_time(
    listeners, context
):
    async with Acceptor(Welcome, context, listeners):
        for _ in range(3):
            context.shared.memories[OTHER].ready = True
            await asyncio.sleep(20 * POLL_SECONDS)
            async with caller(listeners[OTHER]) as reading:
                assert await is_waiting(reading)
                context.shared.memories[OTHER].ready = False
                assert await welcomed(reading)


async def test_who_waits_for_a_worker_that_is_only_starting_is_left_to_it(listeners, context):
    context.shared.memories[OTHER].ready = False
    async with Acceptor(Welcome, context, listeners), caller(listeners[OTHER]) as reading:
        assert await is_waiting(reading)


async def test_in_the_end_nobody_is_let_in_any_more(listeners, context):
    ports = [listener.getsockname()[1] for listener in listeners]
    async with Acceptor(Welcome, context, listeners), caller(listeners[OTHER]) as reading:
        await asyncio.sleep(20 * POLL_SECONDS)
        context.shared.memories[OTHER].ready = False
        assert await welcomed(reading)
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
