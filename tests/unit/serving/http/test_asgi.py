import asyncio

import httpx
import pytest

from builders.artifact import ROW, VERSION, BuiltArtifact
from builders.service import LIMITS, Served
from perennial_serving.http.asgi import Application


@pytest.fixture
def served(flights: BuiltArtifact) -> Served:
    return Served(flights)


def client(served: Served) -> httpx.AsyncClient:
    application = Application(served.service, served.lifecycle, VERSION, LIMITS.body_bytes)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(application), base_url="http://model.example"
    )


async def test_every_answer_names_its_version(served: Served):
    async with client(served) as caller:
        for response in (await caller.get("/none"), await caller.post("/predict", json=ROW)):
            assert response.headers["x-perennial-version"] == VERSION


async def test_a_request_id_is_given_back_or_made(served: Served):
    async with client(served) as caller:
        mine = await caller.get("/v2", headers={"x-request-id": "mine-7"})
        made = await caller.get("/v2")
        odd = await caller.get("/v2", headers={"x-request-id": "a b"})
    assert mine.headers["x-request-id"] == "mine-7"
    assert len(made.headers["x-request-id"]) == 32
    assert odd.headers["x-request-id"] != "a b"


async def test_a_refusal_keeps_its_own_headers(served: Served):
    async with client(served) as caller:
        response = await caller.get("/predict")
    assert response.headers["allow"] == "POST"
    assert response.headers["content-type"] == "application/json"


async def test_a_body_is_read_no_further_than_the_limit(served: Served):
    taken = 0

    async def endless():
        nonlocal taken
        while True:
            taken += 1024
            yield b" " * 1024

    async with client(served) as caller:
        response = await caller.post("/predict", content=endless())
    assert response.status_code == 413
    assert taken <= LIMITS.body_bytes + 2048


async def test_only_a_draining_server_asks_callers_to_connect_anew(served: Served):
    async with client(served) as caller:
        assert "connection" not in (await caller.get("/v2")).headers
        served.lifecycle.draining = True
        assert (await caller.get("/v2")).headers["connection"] == "close"


async def test_many_callers_are_answered_each_with_its_own_answer(served: Served):
    delays = [float(delay) for delay in range(0, 100, 10)]
    async with client(served) as caller:
        together = await asyncio.gather(
            *(caller.post("/predict", json={**ROW, "dep_delay": delay}) for delay in delays)
        )
        singly = [
            await caller.post("/predict", json={**ROW, "dep_delay": delay}) for delay in delays
        ]
    assert [one.json() for one in together] == [one.json() for one in singly]


async def test_a_caller_that_leaves_in_mid_request_does_no_harm(served: Served):
    application = Application(served.service, served.lifecycle, VERSION, LIMITS.body_bytes)
    messages = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive():
        return next(messages)

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": []}
    await application(scope, receive, send)
    assert sent == []
