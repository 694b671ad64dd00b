from functools import partial

from doubles.http_server import echo
from perennial_serving.http.connections import Connections
from perennial_serving.http.limits import ConnectionLimits
from perennial_serving.http.messages import Request, Response
from perennial_serving.http.protocol import Connection
from perennial_serving.process.loopback_client import LoopbackClient
from perennial_serving.readiness import Readiness


async def test_the_server_hears_itself_without_a_port():
    seen: list[Request] = []

    def remember(request: Request) -> Response:
        seen.append(request)
        return echo(request)

    shared = Connections(remember, ConnectionLimits(), Readiness(), ())
    client = LoopbackClient(partial(Connection, shared))
    status, body = await client.post("/predict", {"x-pass": "secret"}, b"{}" * 50_000)
    assert (status, body) == (200, b"POST /predict " + b"{}" * 50_000)
    assert seen[0].headers[b"x-pass"] == b"secret"
