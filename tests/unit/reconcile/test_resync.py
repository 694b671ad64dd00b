import asyncio

import pytest

from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import RESYNC, dataset, says, watching
from perennial.cluster.cache import Key
from perennial.cluster.discovery import MissingKindsError
from perennial.cluster.errors import TransientError
from perennial.cluster.resources import WATCHABLE
from perennial.reconcile import resync as module

FLIGHTS = Key("Dataset", "delays", "flights")
JOB = Key("Job", "delays", "flights-job")
ROUTE = "Crossing"


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch):
    monkeypatch.setattr("perennial.reconcile.sweep._IN_FLIGHT", 0.0)
    monkeypatch.setattr(module, "_TICK", 0.001)


@pytest.fixture
def cluster():
    return MemoryCluster()


@pytest.fixture
async def operator(cluster):
    operator = watching(cluster)
    await operator.resync.fill()
    cluster.put(dataset())
    await operator.settle()
    return operator


async def resynced(operator, seconds):
    """Let it run while so many seconds pass; return whether it has returned by itself."""
    running = asyncio.create_task(operator.resync.run(lambda: 0.5))
    await asyncio.sleep(0.005)
    operator.time += seconds
    await asyncio.sleep(0.02)
    returned = running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return returned


async def test_a_stale_kind_is_compared_once_its_watch_is_quiet(cluster, operator):
    cluster.drop(JOB, quietly=True)
    operator.feed.mark_stale("Job")
    await resynced(operator, module.QUIET + 1)
    assert operator.cache.get(JOB) is None
    assert operator.counted("perennial_relists_total", kind="Job") == 1


async def test_a_watch_that_still_lists_is_waited_for(cluster, operator):
    cluster.drop(JOB, quietly=True)
    operator.feed.mark_stale("Job")
    await resynced(operator, module.QUIET - 1)
    assert operator.cache.get(JOB) is not None


async def test_a_comparison_that_failed_is_repeated(cluster, operator):
    cluster.drop(JOB, quietly=True)
    operator.feed.mark_stale("Job")
    cluster.fail("list", TransientError("no answer"))
    await resynced(operator, module.QUIET + 1)
    assert operator.cache.get(JOB) is not None
    assert "Job" in operator.feed.stale
    await resynced(operator, module.QUIET + 1)
    assert operator.cache.get(JOB) is None


async def test_all_kinds_are_compared_once_in_a_period(cluster, operator):
    cluster.drop(JOB, quietly=True)
    await resynced(operator, RESYNC + 1)
    await operator.settle()
    assert JOB in cluster.objects
    assert says(cluster.objects[FLIGHTS])["Ready"][0] == "True"


async def test_a_comparison_of_settled_objects_writes_nothing(cluster, operator):
    cluster.calls.clear()
    await resynced(operator, RESYNC + 1)
    await operator.settle()
    assert cluster.writes() == []
    assert {kind for _, kind, _ in cluster.calls if kind} == set(WATCHABLE)


async def test_comparisons_are_overdue_after_two_periods_and_a_minute(operator):
    operator.time += 2 * RESYNC + 60
    assert operator.resync.overdue() is None
    operator.time += 1
    assert operator.resync.overdue() == 2 * RESYNC + 61
    await resynced(operator, 0)
    assert operator.resync.overdue() == 2 * RESYNC + 61
    await resynced(operator, RESYNC + 1)
    assert operator.resync.overdue() is None


async def test_a_comparison_that_never_began_is_not_overdue(cluster):
    assert watching(cluster).resync.overdue() is None


async def test_a_kind_that_is_required_and_missing_ends_the_start(cluster):
    cluster.served.remove("Dataset")
    operator = watching(cluster)
    with pytest.raises(MissingKindsError, match=r"Dataset \(perennial.dev/v1alpha1\): install"):
        await operator.resync.fill()
    assert [verb for verb, _, _ in cluster.calls] == ["served_kinds"]


async def test_only_served_kinds_are_listed(cluster):
    cluster.served.append(ROUTE)
    operator = watching(cluster)
    await operator.resync.fill()
    assert ROUTE in operator.resync.kinds
    assert ("list", ROUTE, "") in cluster.calls
    cluster.calls.clear()
    cluster.served.remove(ROUTE)
    bare = watching(cluster)
    await bare.resync.fill()
    assert {kind for verb, kind, _ in cluster.calls if verb == "list"} == set(WATCHABLE)


async def test_a_kind_that_is_served_later_ends_the_run(cluster, operator):
    cluster.served.append(ROUTE)
    assert not await resynced(operator, 1.0)
    assert await resynced(operator, RESYNC + 1)


async def test_the_same_kinds_never_end_the_run(operator):
    assert not await resynced(operator, RESYNC + 1)
    assert not await resynced(operator, RESYNC + 1)


async def test_a_discovery_without_an_answer_is_repeated(cluster, operator):
    cluster.drop(JOB, quietly=True)
    cluster.fail("served_kinds", TransientError("no answer"))
    assert not await resynced(operator, RESYNC + 1)
    assert operator.cache.get(JOB) is None
