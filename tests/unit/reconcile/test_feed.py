import asyncio

import pytest

from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import SmallOperator, dataset, job, watching
from perennial.cluster.cache import Key
from perennial.cluster.execute import owned

FLIGHTS = Key("Dataset", "delays", "flights")


@pytest.fixture
def cluster():
    return MemoryCluster()


@pytest.fixture
def operator(cluster):
    return watching(cluster)


async def woken(operator):
    keys = []
    while operator.queue.depth():
        key = await operator.queue.take()
        operator.queue.done(key)
        keys.append(key.name)
    return keys


async def test_a_change_of_an_object_queues_it(cluster, operator):
    cluster.put(dataset())
    assert await woken(operator) == ["flights"]


async def test_a_change_of_a_child_queues_its_controller(cluster, operator):
    parent = cluster.put(dataset())
    await woken(operator)
    cluster.put(owned(job(), parent))
    assert await woken(operator) == ["flights"]


async def test_a_change_of_a_pod_of_a_job_queues_the_labelled_object(cluster, operator):
    pod = job("flights-job-x7") | {"apiVersion": "v1", "kind": "Pod"}
    pod["metadata"] |= {"namespace": "delays", "ownerReferences": [{"kind": "Job", "uid": "j"}]}
    cluster.put(pod)
    assert await woken(operator) == ["flights"]


async def test_a_change_of_an_object_without_a_parent_queues_nothing(cluster, operator):
    stray = job()
    stray["metadata"] = {"name": "stray", "namespace": "delays"}
    cluster.put(stray)
    assert await woken(operator) == []


async def test_a_change_queues_the_dependants_of_the_object_and_of_its_parent(cluster, operator):
    cluster.put(dataset("user", owner={"team": "flight-delay"}))
    await woken(operator)
    model = dataset("flight-delay") | {"kind": "Model"}
    parent = cluster.put(model)
    assert await woken(operator) == ["flight-delay", "user"]
    version = dataset("flight-delay-v1") | {"kind": "ModelVersion"}
    cluster.put(owned(version, parent))
    assert await woken(operator) == ["flight-delay-v1", "flight-delay", "user"]


async def test_a_known_state_queues_nothing(cluster, operator):
    made = cluster.put(dataset())
    await woken(operator)
    operator.feed.ingest("MODIFIED", made)
    assert await woken(operator) == []


def test_a_stale_kind_is_kept_with_its_time(operator):
    operator.feed.mark_stale("Job")
    assert operator.feed.stale == {"Job": operator.time}


async def test_a_deleted_object_is_forgotten_with_its_references(cluster, operator):
    cluster.put(dataset("user", owner={"team": "flight-delay"}))
    cluster.drop(Key("Dataset", "delays", "user"))
    await woken(operator)
    cluster.put(dataset("flight-delay") | {"kind": "Model"})
    assert await woken(operator) == ["flight-delay"]


async def test_an_unreadable_spec_still_queues_its_object(cluster, operator):
    cluster.put(dataset(owner="not an owner"))
    assert await woken(operator) == ["flights"]


async def test_requeue_all_queues_every_object(cluster, operator):
    parent = cluster.put(dataset())
    cluster.put(owned(job(), parent))
    await woken(operator)
    operator.feed.requeue_all()
    assert await woken(operator) == ["flights"]


async def test_changes_of_children_are_gathered_and_those_of_users_are_not(cluster):
    operator = SmallOperator(cluster, gathering=0.02)
    cluster.watchers.append(operator.feed.ingest)
    parent = cluster.put(dataset())
    assert await woken(operator) == ["flights"]
    for number in range(5):
        cluster.put(owned(job(f"job{number}"), parent))
    assert await woken(operator) == []
    cluster.put(dataset(path="changed/"))
    assert await woken(operator) == ["flights"]
    cluster.put(owned(job("job0"), parent) | {"status": {"active": 1}})
    cluster.put(owned(job("job1"), parent) | {"status": {"active": 1}})
    assert await asyncio.wait_for(operator.queue.take(), timeout=1) == FLIGHTS
    assert operator.queue.depth() == 0


async def test_a_change_wakes_those_whom_the_object_concerned_before_it_or_after_it(cluster):
    operator = watching(cluster)

    def concerning(model):
        noted = dataset()
        noted["metadata"]["annotations"] = {"concerns": model} if model else {}
        cluster.put(noted)

    concerning("old")
    assert set(await woken(operator)) == {"flights", "old"}
    concerning("new")
    assert set(await woken(operator)) == {"flights", "old", "new"}
    operator.feed.ingest("DELETED", cluster.objects[FLIGHTS])
    assert set(await woken(operator)) == {"flights", "new"}
