import signal

import pytest

from perennial_serving.http.server import DrainingServer
from perennial_serving.lifecycle import Lifecycle


async def application(_scope, _receive, _send) -> None:
    """Answer nobody."""


@pytest.fixture
def lifecycle() -> Lifecycle:
    return Lifecycle(verified=True)


def server(lifecycle: Lifecycle, drain_seconds: float = 60, connections: int = 1) -> DrainingServer:
    made = DrainingServer(application, lifecycle, drain_seconds)
    made.server_state.connections = {object() for _ in range(connections)}
    return made


async def test_a_server_that_nobody_asked_to_end_goes_on(lifecycle: Lifecycle):
    assert not await server(lifecycle, connections=0).on_tick(1)
    assert lifecycle.ready


async def test_asked_to_end_it_goes_on_while_somebody_is_connected(lifecycle: Lifecycle):
    ending = server(lifecycle)
    ending.handle_exit(signal.SIGTERM, None)
    assert lifecycle.draining
    assert not lifecycle.ready
    assert not await ending.on_tick(1)
    ending.server_state.connections.clear()
    assert await ending.on_tick(2)


async def test_it_waits_no_longer_than_the_time_to_drain(lifecycle: Lifecycle):
    ending = server(lifecycle, drain_seconds=0)
    ending.handle_exit(signal.SIGTERM, None)
    assert await ending.on_tick(1)


@pytest.mark.parametrize("signals", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT,)])
async def test_asked_twice_or_by_a_person_it_ends_now(lifecycle: Lifecycle, signals):
    ending = server(lifecycle)
    for one in signals:
        ending.handle_exit(one, None)
    assert await ending.on_tick(1)
