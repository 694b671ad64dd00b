from base64 import b64decode

import pytest

from doubles.memory_cluster import MemoryCluster
from doubles.operator_parts import dataset, job, service, watching
from perennial.cluster.cache import Key
from perennial.cluster.errors import (
    ConflictError,
    ForbiddenError,
    NameTakenError,
    NotFoundError,
    TransientError,
)
from perennial.planning.model_deployment.prediction_key import prediction_key
from perennial.planning.plan import Apply, Create, Delete, PostEvent

SERVICE = Key("Service", "delays", "flights")
SECRET = Key("Secret", "delays", "flights-prediction-ids")
JOB = Key("Job", "delays", "flights-job")


@pytest.fixture
def cluster():
    return MemoryCluster()


@pytest.fixture
def operator(cluster):
    return watching(cluster)


@pytest.fixture
def owner(cluster, operator):
    return cluster.put(dataset())


def foreign(child, controller=None):
    metadata = {**child["metadata"], "namespace": "delays"}
    if controller:
        metadata["ownerReferences"] = [{**controller, "controller": True}]
    return {**child, "metadata": metadata}


async def test_an_absent_child_is_created_with_its_owner(cluster, operator, owner):
    await operator.executor.act(Apply(service()), owner)
    made = cluster.objects[SERVICE]
    assert made["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]
    assert [call[0] for call in cluster.calls] == ["create"]
    assert operator.cache.get(SERVICE)["metadata"]["uid"] == made["metadata"]["uid"]


async def test_a_child_in_the_desired_state_costs_no_request(cluster, operator, owner):
    await operator.executor.act(Apply(service()), owner)
    cluster.calls.clear()
    await operator.executor.act(Apply(service()), owner)
    assert cluster.calls == []
    assert operator.counted("perennial_apply_skipped_total", kind="Service") == 1


async def test_a_difference_is_applied_once_and_foreign_fields_stay(cluster, operator, owner):
    await operator.executor.act(Apply(service()), owner)
    cluster.put({**foreign(service()), "spec": {"selector": {"app": "else"}, "sidecar": "kept"}})
    await operator.executor.act(Apply(service()), owner)
    await operator.executor.act(Apply(service()), owner)
    assert [call[0] for call in cluster.calls] == ["create", "apply"]
    assert cluster.objects[SERVICE]["spec"]["selector"] == {"app": "flights"}
    assert cluster.objects[SERVICE]["spec"]["sidecar"] == "kept"


async def test_a_selector_that_somebody_narrowed_is_repaired_with_one_apply(
    cluster, operator, owner
):
    await operator.executor.act(Apply(service()), owner)
    selector = {"app": "flights", "slot": "b"}
    cluster.put({**foreign(service()), "spec": {"selector": selector}})
    await operator.executor.act(Apply(service()), owner)
    await operator.executor.act(Apply(service()), owner)
    assert [call[0] for call in cluster.calls] == ["create", "apply"]
    assert cluster.objects[SERVICE]["spec"]["selector"] == {"app": "flights"}


async def test_a_created_object_is_never_applied_again(cluster, operator, owner):
    await operator.executor.act(Create(job()), owner)
    changed = job()
    changed["spec"]["backoffLimit"] = 7
    await operator.executor.act(Create(changed), owner)
    assert [call[0] for call in cluster.calls] == ["create"]


async def test_a_key_is_made_with_random_bytes_and_an_owner(cluster, operator, owner):
    await operator.executor.act(prediction_key("flights", "delays"), owner)
    made = cluster.objects[SECRET]
    assert len(b64decode(made["stringData"]["key"])) == 32
    assert made["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]


async def test_an_existing_key_stays_and_is_never_read(cluster, operator, owner):
    await operator.executor.act(prediction_key("flights", "delays"), owner)
    before = cluster.objects[SECRET]
    await operator.executor.act(prediction_key("flights", "delays"), owner)
    assert cluster.objects[SECRET] == before
    assert [call[0] for call in cluster.calls] == ["create", "create"]
    assert operator.cache.get(SECRET) is None


async def test_a_foreign_object_is_never_adopted(cluster, operator, owner):
    cluster.put(foreign(service()))
    with pytest.raises(NameTakenError, match="Service flights exists and does not belong"):
        await operator.executor.act(Apply(service()), owner)
    assert "ownerReferences" not in cluster.objects[SERVICE]["metadata"]


async def test_a_foreign_object_without_our_label_is_found_by_its_name(cluster, operator, owner):
    cluster.put(foreign(job()), quietly=True)
    with pytest.raises(NameTakenError):
        await operator.executor.act(Create(job()), owner)


async def test_a_child_of_a_deleted_object_of_the_same_name_is_waited_for(cluster, operator, owner):
    former = {"kind": "Dataset", "name": "flights", "uid": "former"}
    cluster.put(foreign(service(), former))
    with pytest.raises(TransientError, match="still being garbage-collected"):
        await operator.executor.act(Apply(service()), owner)


async def test_a_lost_reply_ends_with_one_child(cluster, operator, owner):
    cluster.watchers.clear()
    cluster.fail("create", TransientError("connection lost"), after=True)
    with pytest.raises(TransientError):
        await operator.executor.act(Create(job()), owner)
    await operator.executor.act(Create(job()), owner)
    assert [key.kind for key in cluster.objects] == ["Dataset", "Job"]


async def test_a_child_that_lost_its_label_gets_it_back(cluster, operator, owner):
    await operator.executor.act(Create(job()), owner)
    bare = {**cluster.objects[JOB], "metadata": {**cluster.objects[JOB]["metadata"], "labels": {}}}
    cluster.objects[JOB] = bare
    operator.feed.ingest("DELETED", bare)
    await operator.executor.act(Create(job()), owner)
    assert cluster.objects[JOB]["metadata"]["labels"] == job()["metadata"]["labels"]


async def test_a_deletion_names_the_uid_of_its_object(cluster, operator, owner):
    await operator.executor.act(Create(job()), owner)
    uid = cluster.objects[JOB]["metadata"]["uid"]
    await operator.executor.act(Delete("Job", "flights-job", "another"), owner)
    assert JOB in cluster.objects
    await operator.executor.act(Delete("Job", "flights-job", uid), owner)
    assert JOB not in cluster.objects
    assert operator.cache.get(JOB) is None


async def test_deleting_a_deleted_object_is_no_error(cluster, operator, owner):
    await operator.executor.act(Create(job()), owner)
    uid = cluster.objects[JOB]["metadata"]["uid"]
    cluster.drop(JOB, quietly=True)
    await operator.executor.act(Delete("Job", "flights-job", uid), owner)
    assert operator.cache.get(JOB) is None


async def test_a_status_is_written_only_when_it_has_changed(cluster, operator, owner):
    await operator.executor.record(owner, {"observedGeneration": 1})
    now = operator.cache.get(Key("Dataset", "delays", "flights"))
    await operator.executor.record(now, {"observedGeneration": 1})
    assert [call[0] for call in cluster.calls] == ["apply_status"]


async def test_a_new_field_without_entries_is_no_change(cluster, operator, owner):
    known = cluster.put({**dataset(), "status": {"observedGeneration": 1, "history": [1]}})
    await operator.executor.record(known, {"observedGeneration": 1, "history": [1], "added": []})
    assert cluster.calls == []
    await operator.executor.record(known, {"observedGeneration": 1, "history": []})
    assert [call[0] for call in cluster.calls] == ["apply_status"]


async def test_fields_of_other_managers_in_a_status_are_removed(cluster, operator, owner):
    restored = cluster.put({**dataset(), "status": {"observedGeneration": 7, "foreign": "x"}})
    await operator.executor.record(restored, {"observedGeneration": 1})
    assert cluster.objects[Key("Dataset", "delays", "flights")]["status"] == {
        "observedGeneration": 1
    }


async def test_a_status_about_an_older_object_is_not_written(cluster, operator, owner):
    cluster.put(dataset(path="changed/"))
    with pytest.raises(ConflictError):
        await operator.executor.record(owner, {"observedGeneration": 1})
    assert cluster.calls == []


async def test_a_status_of_a_deleted_object_is_dropped(cluster, operator, owner):
    cluster.fail("apply_status", NotFoundError("gone"))
    await operator.executor.record(owner, {"observedGeneration": 1})


async def test_a_status_that_the_server_alters_is_not_written_for_ever(cluster, operator, owner):
    cluster.put({**dataset(), "status": {"observedGeneration": 7}})
    first = operator.cache.get(Key("Dataset", "delays", "flights"))
    write = cluster._write_status

    def altering(verb, manifest, *, replace):
        status = {**manifest["status"], "added": "by the server"}
        return write(verb, {**manifest, "status": status}, replace=replace)

    cluster._write_status = altering
    await operator.executor.record(first, {"observedGeneration": 1})
    count = len(cluster.calls)
    await operator.executor.record(
        operator.cache.get(Key("Dataset", "delays", "flights")), {"observedGeneration": 1}
    )
    assert len(cluster.calls) == count


async def test_a_rejected_event_does_not_stop_a_plan(cluster, operator, owner):
    cluster.fail("post_event", ForbiddenError("events are forbidden"))
    await operator.executor.act(PostEvent("Normal", "SnapshotTaken", "100 rows"), owner)


async def test_an_event_without_a_response_is_posted_again_with_the_plan(cluster, operator, owner):
    cluster.fail("post_event", TransientError("no answer"))
    with pytest.raises(TransientError):
        await operator.executor.act(PostEvent("Normal", "SnapshotTaken", "100 rows"), owner)
