import httpx
import pytest
from prometheus_client import CollectorRegistry, Gauge

from perennial.controller.health import LONGEST_SILENCE, Health, Server, Stage


class Times:
    def __init__(self) -> None:
        self.now = 1000.0
        self.compared_at = None


@pytest.fixture
def times():
    return Times()


@pytest.fixture
def health(times):
    return Health(lambda: times.now, 600.0, lambda: times.compared_at)


def test_a_standby_is_alive_and_ready(health):
    assert health.alive().well
    assert health.ready() == (True, "standby")


def test_a_leader_is_ready_when_it_knows_the_cluster(health):
    health.stage = Stage.SYNCING
    assert not health.ready().well
    health.stage = Stage.LEADING
    assert health.ready().well


def test_a_stuck_event_loop_is_told(health, times):
    times.now += LONGEST_SILENCE + 1
    assert health.alive() == (False, "the event loop has been stuck for 11 s")
    health.beat()
    assert health.alive().well


def test_a_leader_that_no_longer_compares_is_told(health, times):
    health.stage = Stage.LEADING
    times.compared_at = times.now
    times.now += 1261
    health.beat()
    assert health.alive() == (False, "last compared with the cluster 1261 s ago")


def test_a_standby_compares_nothing_and_is_well(health, times):
    times.compared_at = times.now
    times.now += 5000
    health.beat()
    assert health.alive().well


@pytest.fixture
def server(health):
    registry = CollectorRegistry()
    Gauge("perennial_leader", "1 while leading.", registry=registry).set(1)
    server = Server(0, health, registry)
    yield f"http://127.0.0.1:{server.port}"
    server.close()


def test_probes_and_numbers_are_served(server, health, times):
    assert httpx.get(f"{server}/healthz").text == "ok\n"
    assert httpx.get(f"{server}/readyz").status_code == 200
    assert "perennial_leader 1.0" in httpx.get(f"{server}/metrics").text
    assert httpx.get(f"{server}/else").status_code == 404
    times.now += 100
    assert httpx.get(f"{server}/healthz").status_code == 503
