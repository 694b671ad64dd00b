import asyncio
from collections.abc import Iterator

import httpx
import pytest

from builders.artifact import MODEL, ROW, VERSION, BuiltArtifact
from perennial.artifacts.answers import Samples, check_answers, load_samples
from perennial_serving.process.asgi import Application, application

LIMIT = 4096


@pytest.fixture
def app(flights: BuiltArtifact, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    for name, value in {
        "PERENNIAL_MODEL": str(flights.folder),
        "PERENNIAL_ARTIFACT_DIGEST": flights.digest,
        "PERENNIAL_MODEL_NAME": MODEL,
        "PERENNIAL_MODEL_VERSION": VERSION,
        "PERENNIAL_MAX_BODY_BYTES": str(LIMIT),
        "PERENNIAL_REVISION": "3f9c1a2b4d",
    }.items():
        monkeypatch.setenv(name, value)
    return application()


class Life:
    """What a server that runs an application tells it."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[dict] = asyncio.Queue()
        self.answered: asyncio.Queue[dict] = asyncio.Queue()

    async def begin(self, app: Application) -> dict:
        self.living = asyncio.create_task(
            app({"type": "lifespan"}, self.told.get, self.answered.put)
        )
        await self.told.put({"type": "lifespan.startup"})
        return await self.answered.get()

    async def end(self) -> dict:
        await self.told.put({"type": "lifespan.shutdown"})
        message = await self.answered.get()
        await self.living
        return message


def client(app: Application) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://model.example")


async def test_it_proves_itself_before_it_answers(app: Application):
    life = Life()
    async with client(app) as caller:
        assert (await caller.post("/predict", json=ROW)).status_code == 503
        assert (await caller.get("/v2/health/ready")).status_code == 503
        assert (await life.begin(app))["type"] == "lifespan.startup.complete"
        assert (await caller.get("/v2/health/ready")).status_code == 200
        answer = await caller.post("/predict", json=ROW)
        assert answer.status_code == 200
        assert answer.headers["x-perennial-version"] == VERSION
        assert answer.headers["x-perennial-revision"] == "3f9c1a2b4d"
    assert (await life.end())["type"] == "lifespan.shutdown.complete"


async def test_it_answers_as_the_pipeline_does(app: Application, flights: BuiltArtifact):
    samples = load_samples(flights.folder)
    life = Life()
    await life.begin(app)
    async with client(app) as caller:
        answer = await caller.post("/predict", json={"rows": samples.rows})
    await life.end()
    predictions = answer.json()["predictions"]
    assert all(one.pop("prediction_id") for one in predictions)
    check_answers(predictions, samples.answers)


async def test_a_model_that_answers_otherwise_never_starts(app: Application):
    samples = app._samples
    app._samples = Samples((*samples.rows[1:], samples.rows[0]), samples.answers)
    message = await Life().begin(app)
    assert message["type"] == "lifespan.startup.failed"
    assert "sample row" in message["message"]


async def test_a_request_id_is_given_back_or_made(app: Application):
    async with client(app) as caller:
        mine = await caller.get("/v2", headers={"x-request-id": "mine-7"})
        made = await caller.get("/v2")
    assert mine.headers["x-request-id"] == "mine-7"
    assert len(made.headers["x-request-id"]) == 32


async def test_head_has_a_length_and_no_body(app: Application):
    async with client(app) as caller:
        response = await caller.head("/v2")
    assert response.status_code == 200
    assert int(response.headers["content-length"]) > 0
    assert response.content == b""


async def test_a_body_is_read_no_further_than_the_limit(app: Application):
    taken = 0

    async def endless():
        nonlocal taken
        while True:
            taken += 1024
            yield b" " * 1024

    async with client(app) as caller:
        response = await caller.post("/predict", content=endless())
        app._parts.counters.flush()
        metrics = (await caller.get("/metrics")).text
    assert response.status_code == 413
    assert (
        f'{{revision="3f9c1a2b4d",version="{VERSION}",outcome="refused",code="413"}} 1' in metrics
    )
    assert taken <= LIMIT + 2048


async def test_who_hangs_up_gets_nothing_and_a_socket_is_closed(app: Application):
    sent: list[dict] = []

    async def gone() -> dict:
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        sent.append(message)

    await app({"type": "http", "method": "GET", "path": "/", "headers": []}, gone, send)
    assert sent == []
    await app({"type": "websocket"}, gone, send)
    assert sent == [{"type": "websocket.close"}]
