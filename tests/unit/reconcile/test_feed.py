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


async def test_an_object_of_ours_wakes_itself(cluster, operator):
    cluster.put(dataset())
    assert await woken(operator) == ["flights"]


async def test_a_child_wakes_its_controller(cluster, operator):
    parent = cluster.put(dataset())
    await woken(operator)
    cluster.put(owned(job(), parent))
    assert await woken(operator) == ["flights"]


async def test_a_pod_below_a_job_wakes_whose_labels_it_carries(cluster, operator):
    pod = job("flights-job-x7") | {"apiVersion": "v1", "kind": "Pod"}
    pod["metadata"] |= {"namespace": "delays", "ownerReferences": [{"kind": "Job", "uid": "j"}]}
    cluster.put(pod)
    assert await woken(operator) == ["flights"]


async def test_an_object_without_a_parent_wakes_nobody(cluster, operator):
    stray = job()
    stray["metadata"] = {"name": "stray", "namespace": "delays"}
    cluster.put(stray)
    assert await woken(operator) == []


async def test_an_object_wakes_those_that_refer_to_it_or_to_its_parent(cluster, operator):
    cluster.put(dataset("user", owner={"team": "flight-delay"}))
    await woken(operator)
    model = dataset("flight-delay") | {"kind": "Model"}
    parent = cluster.put(model)
    assert await woken(operator) == ["flight-delay", "user"]
    version = dataset("flight-delay-v1") | {"kind": "ModelVersion"}
    cluster.put(owned(version, parent))
    assert await woken(operator) == ["flight-delay-v1", "flight-delay", "user"]


async def test_news_that_are_known_already_wake_nobody(cluster, operator):
    made = cluster.put(dataset())
    await woken(operator)
    operator.feed.learned("MODIFIED", made)
    assert await woken(operator) == []


def test_doubt_is_kept_with_its_moment(operator):
    operator.feed.doubt("Job")
    assert operator.feed.suspects == {"Job": operator.time}


async def test_a_deleted_object_is_forgotten_with_its_references(cluster, operator):
    cluster.put(dataset("user", owner={"team": "flight-delay"}))
    cluster.drop(Key("Dataset", "delays", "user"))
    await woken(operator)
    cluster.put(dataset("flight-delay") | {"kind": "Model"})
    assert await woken(operator) == ["flight-delay"]


async def test_a_spec_that_nobody_can_read_still_wakes_its_object(cluster, operator):
    cluster.put(dataset(owner="not an owner"))
    assert await woken(operator) == ["flights"]


async def test_a_review_looks_at_every_object_of_ours(cluster, operator):
    parent = cluster.put(dataset())
    cluster.put(owned(job(), parent))
    await woken(operator)
    operator.feed.review()
    assert await woken(operator) == ["flights"]


async def test_news_of_children_gather_and_what_a_person_writes_does_not_wait(cluster):
    operator = SmallOperator(cluster, gathering=0.02)
    cluster.watchers.append(operator.feed.learned)
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
    operator.feed.learned("DELETED", cluster.objects[FLIGHTS])
    assert set(await woken(operator)) == {"flights", "new"}
