from dataclasses import dataclass
from types import SimpleNamespace

import kopf
import pytest
from kubernetes.aio.client.configuration import Configuration
from prometheus_client import CollectorRegistry
from yarl import URL

from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import watching
from perennial.cluster.metrics import ClusterMetrics
from perennial.controller.login import Login

JOBS = "https://api/apis/batch/v1/jobs"


@dataclass
class Request:
    url: URL
    method: str = "GET"
    status: int = 200

    @property
    def response(self):
        return SimpleNamespace(status=self.status, ok=self.status < 400)


@pytest.fixture
def operator():
    return watching(MemoryCluster())


@pytest.fixture
def connection():
    connection = Configuration(host="https://api")
    connection.api_key["BearerToken"] = "bearer abc"
    return connection


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def login(operator, connection, registry):
    return Login(connection, operator.feed, ClusterMetrics(registry))


async def sent(login, url, status=200):
    await login._trace(None, None, Request(URL(url), status=status))


async def test_kopf_logs_in_with_the_token_of_the_process(login):
    given = await login.session()
    assert given.server == "https://api"
    assert given.aiohttp_session.headers["Authorization"] == "Bearer abc"
    await given.aiohttp_session.close()


async def test_a_rotated_token_is_used_and_a_rejected_one_is_not_retried_for_ever(
    login, connection
):
    await (await login.session()).aiohttp_session.close()
    connection.api_key["BearerToken"] = "bearer new"
    await (await login.session()).aiohttp_session.close()
    with pytest.raises(kopf.PermanentError, match="refuses the token"):
        await login.session()


async def test_the_second_list_of_a_watch_marks_its_kind_as_stale(login, operator):
    await sent(login, f"{JOBS}?limit=500")
    await sent(login, f"{JOBS}?limit=500&continue=x")
    await sent(login, f"{JOBS}?watch=true")
    await sent(login, JOBS.replace("/jobs", "/namespaces/delays/jobs"))
    assert operator.feed.stale == {}
    await sent(login, f"{JOBS}?limit=500")
    assert set(operator.feed.stale) == {"Job"}


async def test_a_failed_list_marks_nothing_as_stale(login, operator):
    await sent(login, JOBS)
    await sent(login, JOBS, status=503)
    assert operator.feed.stale == {}


async def test_the_requests_of_kopf_are_counted(login, registry):
    await sent(login, f"{JOBS}?watch=true")
    await sent(login, JOBS)
    await sent(login, "https://api/apis/batch/v1")

    def counted(verb):
        return registry.get_sample_value(
            "perennial_api_requests_total", {"verb": verb, "code": "200"}
        )

    assert [counted(verb) for verb in ("WATCH", "LIST", "GET")] == [1, 1, 1]
