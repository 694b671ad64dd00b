import pytest

from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import dataset, watching
from perennial.cluster.cache import Key
from perennial.cluster.errors import TransientError
from perennial.cluster.resources import WATCHABLE
from perennial.reconcile import sweep as module

FLIGHTS = Key("Dataset", "delays", "flights")
JOB, SERVICE = Key("Job", "delays", "flights-job"), Key("Service", "delays", "flights")


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch):
    monkeypatch.setattr(module, "_IN_FLIGHT", 0.0)


@pytest.fixture
def cluster():
    return MemoryCluster()


@pytest.fixture
async def operator(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    await operator.settle()
    return operator


async def test_a_child_whose_deletion_was_missed_is_created_again(cluster, operator):
    cluster.drop(JOB, quietly=True)
    assert await operator.sweep.compare("Job")
    await operator.settle()
    assert JOB in cluster.objects
    assert operator.counted("perennial_ghosts_total", kind="Job") == 1


async def test_a_replaced_object_of_the_same_name_is_noticed(cluster, operator):
    taken = cluster.objects[SERVICE]
    cluster.drop(SERVICE, quietly=True)
    cluster.put(taken, quietly=True)
    assert await operator.sweep.compare("Service")
    uid = cluster.objects[SERVICE]["metadata"]["uid"]
    assert operator.cache.get(SERVICE)["metadata"]["uid"] == uid


async def test_an_update_that_was_missed_is_fetched(cluster, operator):
    cluster.put(dataset(path="changed/"), quietly=True)
    assert await operator.sweep.compare("Dataset")
    await operator.settle()
    assert cluster.objects[FLIGHTS]["status"]["observedGeneration"] == 2


async def test_a_bug_does_not_end_the_comparisons(cluster, operator):
    cluster.drop(JOB, quietly=True)
    cluster.fail("list", KeyError("ours"))
    assert not await operator.sweep.compare("Job")
    assert await operator.sweep.compare("Job")
    assert operator.cache.get(JOB) is None


async def test_a_comparison_without_an_answer_leaves_the_cache_alone(cluster, operator):
    cluster.drop(JOB, quietly=True)
    cluster.fail("list", TransientError("no answer"))
    assert not await operator.sweep.compare("Job")
    assert operator.cache.get(JOB) is not None


async def test_comparing_settled_objects_writes_nothing(cluster, operator):
    cluster.calls.clear()
    for kind in WATCHABLE:
        assert await operator.sweep.compare(kind)
    await operator.settle()
    assert cluster.writes() == []


async def test_a_reserved_object_is_no_ghost(cluster, operator):
    operator.cache.reserve({"kind": "Job", "metadata": {"namespace": "delays", "name": "soon"}})
    assert await operator.sweep.compare("Job")
    assert operator.cache.get(Key("Job", "delays", "soon")) is not None


async def test_filling_the_cache_wakes_every_object(cluster, operator):
    restarted = watching(cluster)
    for kind in WATCHABLE:
        await restarted.sweep.fill(kind)
    assert restarted.queue.depth() == 1
    assert len(restarted.cache.owned(cluster.objects[FLIGHTS]["metadata"]["uid"])) == 2
