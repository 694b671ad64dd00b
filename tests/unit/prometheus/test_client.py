import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from perennial.prometheus.client import PrometheusClient, QueryLimits, Server
from perennial.prometheus.errors import ErrorKind, PrometheusError
from perennial.prometheus.queries import InstantQuery, RangeQuery

NOW = InstantQuery("up", 1000.0)
VECTOR = {"resultType": "vector", "result": [{"metric": {"a": "b"}, "value": [1000, "1"]}]}
UP = json.dumps({"status": "success", "data": VECTOR})


@dataclass
class Scripted:
    """An HTTP server that answers everything alike, and what it was sent."""

    status: int = 200
    text: str = UP
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    received: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    async def handle(self, request):
        fields = dict(await request.post())
        self.received.append((request.path, fields, dict(request.headers)))
        await asyncio.sleep(self.delay)
        return web.Response(status=self.status, text=self.text, headers=self.headers)


async def at_once():
    """Let every query go out."""


@asynccontextmanager
async def client(script, limits=QueryLimits(), path="", token_file=None, acquire=at_once):  # noqa: B008
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    asking = PrometheusClient(Server(f"http://127.0.0.1:{port}{path}", token_file), acquire, limits)
    try:
        yield asking
    finally:
        await asking.close()
        await runner.cleanup()


async def refusal(script, **options):
    async with client(script, **options) as asking:
        with pytest.raises(PrometheusError) as refused:
            await asking.query(NOW)
    return refused.value


async def test_an_instant_query_is_posted_with_its_time():
    script = Scripted()
    async with client(script, path="/prefix/") as asking:
        found = await asking.query(NOW)

    path, fields, _ = script.received[0]
    assert found == (({"a": "b"}, ((1000.0, 1.0),)),)
    assert path == "/prefix/api/v1/query"
    assert (fields["query"], fields["time"], fields["timeout"]) == ("up", "1000.000", "10.000")


async def test_a_range_query_is_posted_with_its_steps():
    script = Scripted()
    async with client(script) as asking:
        await asking.query_range(RangeQuery("up", 1.0, 2.5, 0.5))

    path, fields, _ = script.received[0]
    assert path == "/api/v1/query_range"
    assert [fields[one] for one in ("start", "end", "step")] == ["1.000", "2.500", "0.500"]


async def test_a_token_is_read_anew_for_each_query(tmp_path):
    script, file = Scripted(), tmp_path / "token"
    async with client(script, token_file=file) as asking:
        for token in ("first", "second"):
            file.write_text(f"{token}\n")
            await asking.query(NOW)

    sent = [headers["Authorization"] for _, _, headers in script.received]
    assert sent == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("content", [None, "", "two\nlines", "é"])
async def test_a_bad_token_file_is_named_and_nothing_is_sent(tmp_path, content):
    script, file = Scripted(), tmp_path / "token"
    if content is not None:
        file.write_text(content)

    error = await refusal(script, token_file=file)

    assert error.kind is ErrorKind.REFUSED
    assert str(file) in str(error)
    assert script.received == []


async def test_each_query_waits_until_it_may_go_out():
    gate, script = asyncio.Event(), Scripted()
    async with client(script, acquire=gate.wait) as asking:
        waiting = asyncio.create_task(asking.query(NOW))
        await asyncio.sleep(0.01)
        assert script.received == []
        gate.set()
        await waiting

    assert len(script.received) == 1


async def test_a_redirect_is_not_followed(tmp_path):
    file = tmp_path / "token"
    file.write_text("secret")
    script = Scripted(status=302, headers={"Location": "/elsewhere"})

    error = await refusal(script, token_file=file)

    assert error.kind is ErrorKind.REFUSED
    assert "final URL" in str(error)
    assert len(script.received) == 1
    assert "secret" not in str(error)


async def test_nobody_listens():
    asking = PrometheusClient(Server("http://127.0.0.1:9"), at_once)
    with pytest.raises(PrometheusError) as refused:
        await asking.query(NOW)
    await asking.close()

    assert refused.value.kind is ErrorKind.UNREACHABLE


async def test_an_answer_that_does_not_come_is_given_up():
    error = await refusal(Scripted(delay=0.3), limits=QueryLimits(seconds=0.05))

    assert error.kind is ErrorKind.UNREACHABLE
    assert "0.05 s" in str(error)


async def test_an_answer_that_is_too_long_is_given_up():
    error = await refusal(Scripted(text=UP + " " * 2000), limits=QueryLimits(size=1000))

    assert error.kind is ErrorKind.TOO_MUCH
    assert "1000 bytes" in str(error)


async def test_too_many_series_are_too_much():
    error = await refusal(Scripted(), limits=QueryLimits(series=0))

    assert error.kind is ErrorKind.TOO_MUCH


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (400, '{"status":"error","error":"parse error"}', ErrorKind.REFUSED),
        (401, "who are you?", ErrorKind.REFUSED),
        (404, "not here", ErrorKind.REFUSED),
        (422, '{"status":"error","error":"would load too many samples"}', ErrorKind.TOO_MUCH),
        (408, "slow", ErrorKind.UNREACHABLE),
        (429, "later", ErrorKind.UNREACHABLE),
        (503, '{"status":"error","error":"query timed out"}', ErrorKind.UNREACHABLE),
        (200, "<html>", ErrorKind.BAD_ANSWER),
        (200, '{"status":"error"}', ErrorKind.BAD_ANSWER),
        (200, '{"status":"success"}', ErrorKind.BAD_ANSWER),
        (200, '{"status":"success","data":[]}', ErrorKind.BAD_ANSWER),
        (200, "[" * 100_000, ErrorKind.BAD_ANSWER),
        (200, '["success"]', ErrorKind.BAD_ANSWER),
    ],
)
async def test_what_went_wrong_has_a_kind(status, text, kind):
    error = await refusal(Scripted(status=status, text=text))

    assert error.kind is kind


async def test_the_servers_own_words_are_passed_on():
    error = await refusal(Scripted(status=400, text='{"status":"error","error":"parse error"}'))

    assert str(error) == "Prometheus: HTTP 400: parse error"


async def test_a_compressed_answer_is_not_unpacked():
    error = await refusal(Scripted(headers={"Content-Encoding": "gzip"}))

    assert error.kind is ErrorKind.BAD_ANSWER


async def test_a_client_can_be_closed_and_used_again():
    async with client(Scripted()) as asking:
        await asking.query(NOW)
        await asking.close()
        assert len(await asking.query(NOW)) == 1
