import json
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio.client.configuration import Configuration
from prometheus_client import CollectorRegistry

from perennial.cluster import errors
from perennial.cluster.api import APPLY, Api, connection
from perennial.cluster.apply_body import apply_body
from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.rate_limiter import RateLimiter


class Answers:
    """A server on the loopback interface with a response that a test chooses."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b'{"kind": "Job"}', {}
        self.seen = []
        self.leads = True

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((request, await request.read()))
        return web.Response(status=self.status, body=self.body, headers=self.headers)

    def say(self, status, body, **headers):
        self.status, self.headers = status, headers
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def answers():
    return Answers()


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
async def api(answers, registry):
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answers.answer)
    server = TestServer(app)
    await server.start_server()
    configuration = Configuration(host=str(server.make_url("")).rstrip("/"))
    configuration.api_key["BearerToken"] = "bearer abc"
    configuration.client_session_kwargs = {"trust_env": False}
    limiter, metrics = RateLimiter(1e6, 1000, time.monotonic), ClusterMetrics(registry)
    api = Api(configuration, limiter, metrics, lambda: answers.leads)
    yield api
    await api.close()
    await server.close()


async def test_a_request_carries_its_identity_and_its_body(api, answers):
    body = {"kind": "Job"}
    query = {"fieldManager": "perennial", "force": "true"}
    await api.request("PATCH", "/apis/x", apply_body(body), content_type=APPLY, query=query)
    ((request, content),) = answers.seen
    assert request.headers["Authorization"] == "bearer abc"
    assert request.headers["Content-Type"] == APPLY
    assert request.path_qs == "/apis/x?fieldManager=perennial&force=true"
    assert json.loads(content) == body


async def test_an_answer_is_returned_and_counted(api, registry):
    assert await api.request("GET", "/apis/x") == {"kind": "Job"}
    labels = {"verb": "GET", "code": "200"}
    assert registry.get_sample_value("perennial_api_requests_total", labels) == 1


async def test_retry_after_is_kept_with_the_error(api, answers):
    answers.say(429, {"message": "slow down"}, **{"Retry-After": "7"})
    with pytest.raises(errors.TransientError) as caught:
        await api.request("GET", "/apis/x")
    assert caught.value.retry_after == 7.0


async def test_a_response_that_is_no_json_becomes_an_error(api, answers):
    answers.say(502, b"<html>bad gateway</html>")
    with pytest.raises(errors.TransientError, match="bad gateway"):
        await api.request("GET", "/apis/x")


async def test_a_request_without_a_response_is_transient_and_counted(registry):
    configuration = Configuration(host="http://127.0.0.1:9")
    limiter, metrics = RateLimiter(1e6, 1000, time.monotonic), ClusterMetrics(registry)
    api = Api(configuration, limiter, metrics, lambda: True)
    with pytest.raises(errors.TransientError, match="GET /apis/x"):
        await api.request("GET", "/apis/x")
    labels = {"verb": "GET", "code": "0"}
    assert registry.get_sample_value("perennial_api_requests_total", labels) == 1
    await api.close()


async def test_without_the_lease_reads_pass_and_writes_do_not(api, answers):
    answers.leads = False
    with pytest.raises(errors.FencedError):
        await api.request("POST", "/apis/x", {})
    assert answers.seen == []
    await api.request("GET", "/apis/x")


async def test_requests_about_the_lease_are_not_fenced_and_are_counted_separately(
    api, answers, registry
):
    answers.leads = False
    await api.urgent("PUT", "/apis/lease", {}, seconds=1.0)
    labels = {"verb": "LEASE", "code": "200"}
    assert registry.get_sample_value("perennial_api_requests_total", labels) == 1


async def test_a_kubeconfig_names_the_server(tmp_path):
    file = tmp_path / "kubeconfig"
    file.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": "https://10.0.0.1"}}],
                "users": [{"name": "u", "user": {"token": "abc"}}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
            }
        )
    )
    reached = await connection(file)
    assert reached.host == "https://10.0.0.1"
    assert reached.client_session_kwargs == {"trust_env": False}
