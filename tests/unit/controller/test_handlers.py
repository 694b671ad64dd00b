import itertools
import re
from pathlib import Path

import pytest
from kubernetes.aio.client.configuration import Configuration

import perennial
from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import dataset, watching
from perennial.cluster.resources import CHILDREN, RESOURCES, WATCHABLE
from perennial.controller import handlers
from perennial.controller.metrics import Metrics
from perennial.reconcile.queue import Queue

SOURCES = Path(perennial.__file__).parent


@pytest.fixture
def operator():
    return watching(MemoryCluster())


@pytest.fixture
def metrics():
    return Metrics(Queue(lambda: 0.5))


def by_kind(operator, metrics, kinds=WATCHABLE):
    connection = Configuration(host="https://api")
    registry = handlers.registry(operator.feed, metrics, connection, kinds)
    return {handler.id: handler.fn for handler in registry._watching.get_all_handlers()}


def test_every_kind_is_watched_by_one_handler(operator, metrics):
    assert set(by_kind(operator, metrics)) == set(WATCHABLE)


def test_a_kind_that_is_not_served_is_not_watched(operator, metrics):
    assert set(by_kind(operator, metrics, ("Dataset", "Job"))) == {"Dataset", "Job"}


async def test_a_handler_stores_the_object_and_queues_its_key(operator, metrics):
    manifest = dataset()
    manifest["metadata"] |= {"uid": "u1", "resourceVersion": "5"}
    fn = by_kind(operator, metrics)["Dataset"]
    await fn(event={"type": "ADDED", "object": manifest})
    assert operator.queue.depth() == 1


async def test_an_event_that_cannot_be_handled_is_counted_and_marks_its_kind_as_stale(
    operator, metrics
):
    fn = by_kind(operator, metrics)["Dataset"]
    await fn(event={"type": "ADDED", "object": {"kind": "Dataset", "metadata": {}}})
    counted = metrics.registry.get_sample_value(
        "perennial_watch_handler_errors_total", {"kind": "Dataset"}
    )
    assert counted == 1
    assert "Dataset" in operator.feed.stale


def test_kopf_writes_nothing_and_watches_labelled_children_only():
    settings = handlers.settings()
    assert not settings.posting.enabled
    assert settings.scanning.disabled
    assert settings.peering.standalone
    assert settings.queueing.worker_limit is None
    assert set(settings.watching.label_selectors.values()) == {
        "app.kubernetes.io/managed-by=perennial"
    }
    assert len(settings.watching.label_selectors) == len(CHILDREN)


def test_an_api_server_that_is_away_is_waited_for_without_end():
    pauses = list(itertools.islice(handlers.settings().networking.error_backoffs, 200))
    assert len(pauses) == 200
    assert max(pauses) <= 36
    assert pauses[0] < 1


def test_only_the_controller_knows_kopf_and_only_by_events():
    mentions = {
        file: set(re.findall(r"kopf\.(?:on\.)?\w+", file.read_text()))
        for file in SOURCES.rglob("*.py")
        if "kopf" in file.read_text()
    }
    assert {file.parent.name for file in mentions} == {"controller"}
    used = set().union(*mentions.values())
    assert {name for name in used if name.startswith("kopf.on.")} == {
        "kopf.on.event",
        "kopf.on.login",
    }
    assert not used & {"kopf.index", "kopf.timer", "kopf.daemon"}


def test_every_watched_kind_is_served_by_a_known_group():
    assert {RESOURCES[kind].group for kind in WATCHABLE} == {
        "perennial.dev",
        "batch",
        "",
        "apps",
        "autoscaling",
        "policy",
        "gateway.networking.k8s.io",
    }
