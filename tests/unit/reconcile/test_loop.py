from datetime import timedelta

import pytest

from doubles.memory_cluster import Crash, MemoryCluster
from doubles.operator_parts import NOON, TwoChildren, dataset, says, watching
from perennial.cluster.cache import Key
from perennial.cluster.errors import TransientError

FLIGHTS = Key("Dataset", "delays", "flights")


@pytest.fixture
def cluster():
    return MemoryCluster()


def children(cluster):
    return sorted((key.kind, key.name) for key in cluster.objects if key.kind != "Dataset")


async def test_an_object_reaches_its_desired_state(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    await operator.settle()
    assert children(cluster) == [("Job", "flights-job"), ("Service", "flights")]
    assert says(cluster.objects[FLIGHTS]) == {"Ready": ("True", "SnapshotReady")}


async def test_announcements_come_before_the_status_that_makes_them_old(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    await operator.settle()
    verbs = [verb for verb, _, _ in cluster.writes()]
    assert verbs == [
        "create", "create", "post_event", "apply_status",
        "post_event", "apply_status",
    ]  # fmt: skip


async def test_a_settled_object_costs_nothing(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    await operator.settle()
    cluster.calls.clear()
    operator.feed.requeue_all()
    await operator.settle()
    assert cluster.calls == []


async def test_a_restarted_operator_writes_nothing_to_settled_objects(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    await operator.settle()
    cluster.calls.clear()
    restarted = watching(cluster)
    await restarted.resync.fill()
    await restarted.settle()
    assert cluster.writes() == []


async def test_a_job_that_is_about_to_be_created_is_counted_at_once(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    seen = []
    create = cluster.create

    async def watching_create(manifest):
        seen.append(len(operator.cache.of_kind("Job", "delays")))
        return await create(manifest)

    cluster.create = watching_create
    await operator.loop.reconcile(FLIGHTS)
    assert seen[0] == 1


async def test_a_job_that_could_not_be_created_is_no_longer_counted(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    cluster.fail("create", TransientError("no answer"))
    with pytest.raises(TransientError):
        await operator.loop.reconcile(FLIGHTS)
    assert operator.cache.of_kind("Job", "delays") == ()


async def test_an_object_that_is_being_deleted_is_left_alone(cluster):
    operator = watching(cluster)
    leaving = dataset()
    leaving["metadata"]["deletionTimestamp"] = "2026-03-01T12:00:00Z"
    cluster.put(leaving)
    await operator.settle()
    assert cluster.writes() == []


async def test_the_plan_says_when_to_requeue(cluster):
    operator = watching(cluster, TwoChildren(requeue_after=timedelta(seconds=30)))
    cluster.put(dataset())
    assert await operator.loop.reconcile(FLIGHTS) == timedelta(seconds=30)


async def test_a_foreign_status_does_not_stand_in_the_way(cluster):
    operator = watching(cluster)
    cluster.put(dataset(), quietly=True)
    foreign = {"observedGeneration": "three", "history": "none", "foreign": True}
    cluster.put(dataset() | {"status": foreign})
    await operator.settle()
    assert says(cluster.objects[FLIGHTS]) == {"Ready": ("True", "SnapshotReady")}
    assert "foreign" not in cluster.objects[FLIGHTS]["status"]


async def test_a_status_that_lies_about_the_work_is_corrected(cluster):
    operator = watching(cluster)
    cluster.put(dataset(), quietly=True)
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "SnapshotReady",
        "message": "restored from a backup",
        "observedGeneration": 1,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    cluster.put(dataset() | {"status": {"observedGeneration": 1, "conditions": [ready]}})
    await operator.settle()
    assert children(cluster) == [("Job", "flights-job"), ("Service", "flights")]


@pytest.mark.parametrize("verb", ["create", "post_event", "apply_status"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("calls", [0, 1])
async def test_a_crash_at_any_write_leaves_nothing_twice(cluster, verb, after, calls):
    operator = watching(cluster)
    cluster.put(dataset())
    cluster.fail(verb, Crash(), after=after, calls=calls)
    with pytest.raises(Crash):
        await operator.settle()
    cluster.watchers.clear()
    successor = watching(cluster)
    await successor.resync.fill()
    await successor.settle()
    assert children(cluster) == [("Job", "flights-job"), ("Service", "flights")]
    assert says(cluster.objects[FLIGHTS]) == {"Ready": ("True", "SnapshotReady")}
    assert "SnapshotReady" in {reason for _, reason, _ in cluster.posted}


async def test_a_look_gets_the_time_of_the_loop(cluster):
    operator = watching(cluster)
    cluster.put(dataset())
    await operator.loop.reconcile(FLIGHTS)
    assert operator.reconciler.looked_at == [NOON]
