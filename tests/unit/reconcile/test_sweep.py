import asyncio

import pytest

from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import dataset, says, watching
from perennial.cluster.cache import Key
from perennial.cluster.errors import Transient
from perennial.cluster.resources import WATCHED
from perennial.reconcile import sweep as module

FLIGHTS = Key("Dataset", "delays", "flights")
JOB, SERVICE = Key("Job", "delays", "flights-job"), Key("Service", "delays", "flights")


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch):
    monkeypatch.setattr(module, "_IN_FLIGHT", 0.0)
    monkeypatch.setattr(module, "_TICK", 0.001)


@pytest.fixture
def cluster():
    return MemoryCluster()


@pytest.fixture
async def operator(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    await operator.settle()
    return operator


async def swept(operator, period=1e9, seconds=10.0):
    """Let the sweep run for a moment in which so many seconds pass."""
    running = asyncio.create_task(operator.sweep.run(period, lambda: 0.5))
    await asyncio.sleep(0.005)
    operator.time += seconds
    await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_child_that_vanished_without_a_word_is_made_again(cluster, operator):
    cluster.drop(JOB, quietly=True)
    operator.feed.mark_stale("Job")
    await swept(operator)
    await operator.settle()
    assert JOB in cluster.objects
    assert operator.counted("perennial_ghosts_total", kind="Job") == 1
    assert operator.counted("perennial_relists_total", kind="Job") == 1


async def test_a_listing_that_still_goes_on_is_waited_for(cluster, operator):
    cluster.drop(JOB, quietly=True)
    operator.feed.mark_stale("Job")
    await swept(operator, seconds=1.0)
    assert operator.cache.get(JOB) is not None


async def test_a_namesake_that_took_the_place_unseen_is_noticed(cluster, operator):
    taken = cluster.objects[SERVICE]
    cluster.drop(SERVICE, quietly=True)
    cluster.put(taken, quietly=True)
    operator.feed.mark_stale("Service")
    await swept(operator)
    uid = cluster.objects[SERVICE]["metadata"]["uid"]
    assert operator.cache.get(SERVICE)["metadata"]["uid"] == uid


async def test_an_update_that_was_missed_is_fetched(cluster, operator):
    cluster.put(dataset(path="changed/"), quietly=True)
    operator.feed.mark_stale("Dataset")
    await swept(operator)
    await operator.settle()
    assert cluster.objects[FLIGHTS]["status"]["observedGeneration"] == 2


async def test_everything_is_compared_once_in_a_period(cluster, operator):
    cluster.drop(JOB, quietly=True)
    await swept(operator, period=60.0, seconds=61.0)
    await operator.settle()
    assert JOB in cluster.objects
    assert says(cluster.objects[FLIGHTS])["Ready"][0] == "True"
    assert operator.sweep.completed_at is not None


async def test_a_comparison_of_what_is_settled_writes_nothing(cluster, operator):
    cluster.calls.clear()
    await swept(operator, period=60.0, seconds=61.0)
    await operator.settle()
    assert cluster.writes() == []
    assert {kind for _, kind, _ in cluster.calls} == set(WATCHED)


async def test_a_comparison_that_failed_is_tried_again(cluster, operator):
    cluster.drop(JOB, quietly=True)
    operator.feed.mark_stale("Job")
    cluster.fail("list", Transient("no answer"))
    await swept(operator)
    assert operator.cache.get(JOB) is not None
    assert "Job" in operator.feed.stale
    await swept(operator)
    assert operator.cache.get(JOB) is None


async def test_a_mistake_of_ours_does_not_end_the_comparisons(cluster, operator):
    cluster.drop(JOB, quietly=True)
    cluster.fail("list", KeyError("ours"))
    operator.feed.mark_stale("Job")
    await swept(operator)
    await swept(operator)
    assert operator.cache.get(JOB) is None


async def test_an_expected_object_is_no_ghost(cluster, operator):
    operator.cache.reserve({"kind": "Job", "metadata": {"namespace": "delays", "name": "soon"}})
    operator.feed.mark_stale("Job")
    await swept(operator)
    assert operator.cache.get(Key("Job", "delays", "soon")) is not None


async def test_filling_the_store_wakes_every_object(cluster, operator):
    restarted = watching(cluster)
    await restarted.sweep.fill()
    assert restarted.queue.depth() == 1
    assert len(restarted.cache.owned(cluster.objects[FLIGHTS]["metadata"]["uid"])) == 2
