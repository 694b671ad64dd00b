import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from perennial.servers.client import HttpModelServers


@pytest.fixture
async def server():
    async def respond(request):
        if request.path == "/v2/models/moved/ready":
            raise web.HTTPFound("/v2/models/delay/ready")
        return web.Response(status=200 if request.path == "/v2/models/delay/ready" else 503)

    app = web.Application()
    app.router.add_get("/{path:.*}", respond)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def servers():
    servers = HttpModelServers()
    yield servers
    await servers.close()


@pytest.mark.parametrize(("model", "expected"), [("delay", True), ("other", False)])
async def test_a_server_is_ready_for_the_model_that_it_serves(servers, server, model, expected):
    assert await servers.is_ready("127.0.0.1", server.port, model) is expected


async def test_a_redirect_is_not_followed(servers, server):
    assert await servers.is_ready("127.0.0.1", server.port, "moved") is False


async def test_a_name_is_not_resolved(servers, server):
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
        await servers.is_ready("localhost", server.port, "delay")


async def test_an_address_without_a_server_is_not_ready(servers, server):
    assert not await servers.is_ready("127.0.0.1", 9, "delay")
