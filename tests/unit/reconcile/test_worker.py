import pytest

from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import TwoChildren, dataset, says, watching
from perennial.cluster.cache import Key
from perennial.cluster.errors import (
    ConflictError,
    FencedError,
    ForbiddenError,
    InvalidError,
    NamespaceTerminatingError,
    QuotaExceededError,
    SchemaOutdatedError,
    TransientError,
)
from perennial.reconcile.queue import LONGEST_PAUSE

FLIGHTS, TRAINS = Key("Dataset", "delays", "flights"), Key("Dataset", "delays", "trains")


@pytest.fixture
def cluster():
    return MemoryCluster()


@pytest.fixture
def operator(cluster):
    return watching(cluster)


def pause(operator, key=FLIGHTS):
    timer = operator.queue._timers.get(key)
    return timer and timer.when() - timer._loop.time()


async def test_a_request_without_a_response_is_retried_with_backoff(cluster, operator):
    cluster.put(dataset())
    cluster.fail("create", TransientError("no answer"))
    await operator.settle()
    assert 0.3 < pause(operator) < 0.7
    assert operator.counted("perennial_reconcile_errors_total", kind="Dataset") == 1
    assert operator.counted("perennial_reconcile_total", kind="Dataset", result="error") == 1


async def test_retry_after_is_honoured(cluster, operator):
    cluster.put(dataset())
    cluster.fail("create", TransientError("slow down", retry_after=30.0))
    await operator.settle()
    assert pause(operator) > 29


async def test_a_conflict_is_no_error_and_is_retried(cluster, operator):
    cluster.put(dataset())
    cluster.fail("apply_status", ConflictError("changed"))
    await operator.settle()
    assert says(cluster.objects[FLIGHTS])["Ready"][0] == "True"
    assert operator.counted("perennial_reconcile_errors_total", kind="Dataset") == 0


async def test_repeated_conflicts_mark_the_kind_as_stale(cluster, operator):
    cluster.put(dataset())
    for _ in range(4):
        cluster.fail("create", ConflictError("changed"))
        operator.queue.add(FLIGHTS)
        await operator.settle()
    assert operator.feed.stale == {"Dataset": operator.time}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (QuotaExceededError("exceeded quota: jobs"), "QuotaExceeded"),
        (ForbiddenError("RBAC says no"), "Forbidden"),
        (InvalidError("spec.template: bad"), "InvalidSpec"),
    ],
)
async def test_a_rejected_request_is_recorded_in_the_status_and_retried(
    cluster, operator, error, reason
):
    cluster.put(dataset())
    cluster.fail("create", error)
    await operator.worker.work_once()
    assert says(cluster.objects[FLIGHTS])["Ready"] == ("False", reason)
    assert str(error) in cluster.objects[FLIGHTS]["status"]["conditions"][0]["message"]
    assert pause(operator) is not None


async def test_a_condition_heals_when_its_cause_is_gone(cluster, operator):
    cluster.put(dataset())
    cluster.fail("create", QuotaExceededError("exceeded quota"))
    await operator.worker.work_once()
    operator.queue.add(FLIGHTS)  # as its timer would
    await operator.settle()
    assert says(cluster.objects[FLIGHTS]) == {"Ready": ("True", "SnapshotReady")}


async def test_an_invalid_spec_is_stalled_without_retries_until_it_changes(cluster, operator):
    cluster.put(dataset(keep=0))
    await operator.settle()
    assert says(cluster.objects[FLIGHTS])["Stalled"] == ("True", "InvalidSpec")
    assert pause(operator) is None
    cluster.put(dataset(keep=5))
    await operator.settle()
    assert says(cluster.objects[FLIGHTS]) == {"Ready": ("True", "SnapshotReady")}


async def test_an_outdated_crd_is_retried_rarely(cluster, operator):
    cluster.put(dataset())
    cluster.fail("apply_status", SchemaOutdatedError("field not declared"))
    await operator.worker.work_once()
    assert pause(operator) >= LONGEST_PAUSE * 0.9


async def test_a_namespace_that_is_going_away_is_no_error(cluster, operator):
    cluster.put(dataset())
    cluster.fail("create", NamespaceTerminatingError("terminating"))
    await operator.settle()
    assert operator.counted("perennial_reconcile_errors_total", kind="Dataset") == 0


async def test_a_bug_stops_only_its_object_and_is_logged_in_full_once(cluster, caplog):
    operator = watching(cluster, TwoChildren(trouble=[KeyError("a"), KeyError("a")]))
    cluster.put(dataset())
    for _ in range(2):
        operator.queue.add(FLIGHTS)
        await operator.worker.work_once()
    cluster.put(dataset("trains"))
    await operator.settle()
    assert says(cluster.objects[TRAINS])["Ready"][0] == "True"
    assert len([record for record in caplog.records if record.exc_info]) == 1


async def test_a_bug_is_recorded_in_the_status_and_retried(cluster):
    operator = watching(cluster, TwoChildren(trouble=[KeyError("a")]))
    cluster.put(dataset())
    await operator.worker.work_once()
    assert says(cluster.objects[FLIGHTS])["Reconciling"] == ("True", "InternalError")
    assert pause(operator) is not None


async def test_a_replica_that_lost_the_lease_stops(cluster, operator):
    cluster.put(dataset())
    cluster.fail("create", FencedError("not sent"))
    with pytest.raises(FencedError):
        await operator.worker.work_once()


async def test_a_condition_that_could_not_be_written_is_written_later(cluster, operator):
    cluster.put(dataset(keep=0))
    cluster.fail("apply_status", TransientError("no answer"))
    await operator.worker.work_once()
    assert pause(operator) is not None
    operator.queue.add(FLIGHTS)
    await operator.settle()
    assert says(cluster.objects[FLIGHTS])["Stalled"] == ("True", "InvalidSpec")


async def test_many_edits_cause_few_reconciliations_and_the_last_one_counts(cluster, operator):
    for number in range(300):
        cluster.put(dataset(path=f"raw/{number}/"))
        if number % 3 == 0:
            await operator.worker.work_once()
    await operator.settle()
    looks = sum(
        operator.counted("perennial_reconcile_total", kind="Dataset", result=result)
        for result in ("success", "conflict")
    )
    assert looks <= 200
    assert cluster.objects[FLIGHTS]["status"]["observedGeneration"] == 300
