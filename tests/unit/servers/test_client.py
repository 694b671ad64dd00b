import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from perennial.servers.client import HttpModelServers, Redirect

MARKERS = web.AppKey("markers", list)


def shift(request):
    """Answer as a Gateway with two replicas, of which one may be behind."""
    served = request.app[MARKERS]
    marker = served[0]
    served.append(served.pop(0))
    if request.headers.get("x-perennial-shift") != marker or request.host != "a.example.com":
        return web.Response(status=404)
    raise web.HTTPFound(f"/perennial-shift/{marker}")


@pytest.fixture
async def server():
    async def respond(request):
        if request.path == "/perennial-shift":
            return shift(request)
        if request.path == "/v2/models/moved/ready":
            raise web.HTTPFound("/v2/models/delay/ready")
        return web.Response(status=200 if request.path == "/v2/models/delay/ready" else 503)

    app = web.Application()
    app[MARKERS] = ["new", "new"]
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


def redirect(server, marker="new", hostname="a.example.com", target=None):
    header, to = ("x-perennial-shift", marker), target or f"/perennial-shift/{marker}"
    return Redirect(
        host="127.0.0.1",
        port=server.port,
        is_tls=False,
        hostname=hostname,
        path="/perennial-shift",
        header=header,
        target=to,
    )


async def test_a_gateway_that_uses_a_route_redirects_every_connection(servers, server):
    assert await servers.redirects(redirect(server))
    assert not await servers.redirects(redirect(server, "old"))
    assert not await servers.redirects(redirect(server, target="/elsewhere"))
    assert not await servers.redirects(redirect(server, hostname="b.example.com"))


async def test_one_replica_that_is_behind_is_enough_to_doubt(servers, server):
    server.app[MARKERS][:] = ["new", "old"]
    assert not await servers.redirects(redirect(server))


async def test_a_gateway_that_does_not_answer_has_not_shifted(servers, server):
    assert not await servers.redirects(redirect(server)._replace(port=9))
    assert not await servers.redirects(redirect(server)._replace(is_tls=True))
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
        await servers.redirects(redirect(server)._replace(host="localhost"))
