import asyncio
import time

import pytest

from perennial_serving.http.connections import Connections
from perennial_serving.http.limits import ConnectionLimits
from perennial_serving.http.messages import Request, Response
from perennial_serving.readiness import Readiness


class Idle:
    """A connection that does as it is told."""

    def __init__(self, shared: Connections) -> None:
        self._shared = shared
        self.aborted = False

    def check(self, now: float) -> None:
        """Never be late."""

    def close_if_idle(self) -> None:
        self._shared.discard(self)

    def abort(self) -> None:
        self.aborted = True
        self._shared.discard(self)


class Busy(Idle):
    def close_if_idle(self) -> None:
        """Have something to do."""


@pytest.fixture
def shared() -> Connections:
    limits = ConnectionLimits(connections=2)
    return Connections(lambda _: Response(b"yes"), limits, Readiness(verified=True), ())


def test_as_many_as_allowed_are_welcome_as_many_again_are_told_no(shared: Connections):
    connections = [Idle(shared) for _ in range(5)]
    assert [shared.add(one) for one in connections] == [True, True, False, False, False]
    assert [one.aborted for one in connections] == [False, False, False, False, True]
    assert len(shared) == 4


def test_in_a_crowd_probes_and_scrapes_are_answered(shared: Connections):
    for path in ("/v2/health/live", "/v2/health/ready", "/metrics"):
        assert shared.handle_over_limit(Request("GET", path)).body == b"yes"
    refused = shared.handle_over_limit(Request("POST", "/predict"))
    assert (refused.status, refused.headers) == (503, (("retry-after", "1"),))


def test_what_is_refused_in_a_crowd_is_counted():
    counted: list[tuple[str, int]] = []
    shared = Connections(
        *(lambda _: Response(b""), ConnectionLimits(), Readiness(), ()),
        lambda request, response: counted.append((request.path, response.status)),
    )
    shared.handle_over_limit(Request("GET", "/metrics"))
    shared.handle_over_limit(Request("POST", "/predict"))
    assert counted == [("/predict", 503)]


async def test_in_the_end_the_idle_go_first_and_nobody_stays(shared: Connections):
    idle, busy = Idle(shared), Busy(shared)
    shared.add(idle)
    shared.add(busy)
    await shared.close_all(timeout_seconds=0.1)
    assert (idle.aborted, busy.aborted, len(shared)) == (False, True, 0)


async def test_the_clock_ticks_for_all(shared: Connections):
    before = shared.now
    watching = asyncio.create_task(shared.watch())
    await asyncio.sleep(0.3)
    watching.cancel()
    assert shared.now > before


async def test_a_worker_that_stood_still_takes_nobody_for_late(shared: Connections):
    checked = asyncio.Queue[float]()

    class Checked(Idle):
        def check(self, now: float) -> None:
            checked.put_nowait(now)

    shared.add(Checked(shared))
    watching = asyncio.create_task(shared.watch())
    await asyncio.sleep(0.1)
    time.sleep(0.8)  # noqa: ASYNC251 - the loop stands still
    moves_again_at = time.monotonic()
    assert await checked.get() > moves_again_at + 0.2
    watching.cancel()
