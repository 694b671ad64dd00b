import httpx
import pytest
from prometheus_client import CollectorRegistry, Gauge

from perennial.controller.health import LONGEST_SILENCE, Health, Server, Stage


class Times:
    def __init__(self) -> None:
        self.now = 1000.0
        self.overdue = None


@pytest.fixture
def times():
    return Times()


@pytest.fixture
def health(times):
    return Health(lambda: times.now, lambda: times.overdue)


def test_a_standby_is_alive_and_ready(health):
    assert health.alive().well
    assert health.ready() == (True, "standby")


def test_a_leader_is_ready_when_its_cache_is_filled(health):
    health.stage = Stage.SYNCING
    assert not health.ready().well
    health.stage = Stage.LEADING
    assert health.ready().well


def test_a_stuck_event_loop_fails_the_liveness_probe(health, times):
    times.now += LONGEST_SILENCE + 1
    assert health.alive() == (False, "the event loop has been stuck for 11 s")
    health.beat()
    assert health.alive().well


def test_a_leader_whose_comparisons_are_overdue_fails_the_liveness_probe(health, times):
    health.stage = Stage.LEADING
    times.overdue = 1261.0
    assert health.alive() == (False, "last compared with the cluster 1261 s ago")


def test_a_standby_has_nothing_to_compare(health, times):
    times.overdue = 5000.0
    assert health.alive().well


@pytest.fixture
def server(health):
    registry = CollectorRegistry()
    Gauge("perennial_leader", "1 while leading.", registry=registry).set(1)
    server = Server(0, health, registry)
    yield f"http://127.0.0.1:{server.port}"
    server.close()


def test_probes_and_metrics_are_served(server, health, times):
    assert httpx.get(f"{server}/healthz").text == "ok\n"
    assert httpx.get(f"{server}/readyz").status_code == 200
    assert "perennial_leader 1.0" in httpx.get(f"{server}/metrics").text
    assert httpx.get(f"{server}/else").status_code == 404
    times.now += 100
    assert httpx.get(f"{server}/healthz").status_code == 503
