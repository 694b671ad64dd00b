from doubles.operator_parts import dataset, job
from perennial.cluster.cache import Cache, Key, slim


def stored(manifest, uid="u1", version=1, owner=None):
    metadata = {"namespace": "delays", **manifest["metadata"], "uid": uid}
    metadata["resourceVersion"] = str(version)
    if owner:
        metadata["ownerReferences"] = [
            {"kind": "Dataset", "name": "flights", "uid": owner, "controller": True}
        ]
    return {**manifest, "metadata": metadata}


FLIGHTS = Key("Dataset", "delays", "flights")


def test_an_older_state_never_replaces_a_newer_one():
    cache = Cache()
    assert cache.put(stored(dataset(), version=5))
    assert not cache.put(stored(dataset(path="old/"), version=4))
    assert cache.get(FLIGHTS)["metadata"]["resourceVersion"] == "5"


def test_the_watch_event_of_an_own_write_is_no_change():
    cache = Cache()
    cache.put(stored(dataset(), version=5))
    assert not cache.put(stored(dataset(), version=5))


def test_a_late_response_to_a_write_does_not_bring_back_a_deleted_object():
    cache = Cache()
    cache.put(stored(dataset(), version=5))
    assert cache.remove(stored(dataset(), version=9))
    assert not cache.put(stored(dataset(), version=7))
    assert cache.get(FLIGHTS) is None


def test_an_object_that_lost_its_label_and_got_it_back_is_known_again():
    cache = Cache()
    cache.put(stored(job(), version=5))
    cache.remove(stored(job(), version=6))
    assert cache.put(stored(job(), version=7))


def test_the_deletion_of_an_older_object_leaves_its_successor():
    cache = Cache()
    cache.put(stored(dataset(), uid="new", version=9))
    assert not cache.remove(stored(dataset(), uid="old", version=8))
    assert cache.get(FLIGHTS) is not None


def test_children_are_found_by_their_owner_in_order():
    cache = Cache()
    for number, name in enumerate(("b", "a", "c")):
        cache.put(stored(job(name), uid=name, version=number + 1, owner="u1"))
    cache.put(stored(job("other"), uid="o", version=9, owner="u2"))
    assert [child["metadata"]["name"] for child in cache.owned("u1")] == ["a", "b", "c"]
    cache.remove(stored(job("a"), uid="a", version=10))
    assert len(cache.owned("u1")) == 2


def test_objects_are_found_by_kind_and_namespace():
    cache = Cache()
    cache.put(stored(job("a")))
    cache.put(stored(dataset(), uid="u2"))
    assert [each["metadata"]["name"] for each in cache.of_kind("Job", "delays")] == ["a"]
    assert cache.of_kind("Job", "elsewhere") == ()


def test_a_reserved_object_is_cached_until_it_is_created_or_released():
    cache = Cache()
    expected = {**job("a"), "metadata": {**job("a")["metadata"], "namespace": "delays"}}
    cache.reserve(expected)
    assert cache.of_kind("Job", "delays") == (expected,)
    cache.release(expected)
    assert cache.of_kind("Job", "delays") == ()
    cache.reserve(expected)
    assert cache.put(stored(job("a"), version=3))
    cache.release(expected)
    assert len(cache.of_kind("Job", "delays")) == 1


def test_a_slim_copy_lacks_the_fields_that_are_never_read():
    manifest = stored(dataset())
    manifest["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    manifest["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "kept": "yes",
    }
    assert slim(manifest)["metadata"]["annotations"] == {"kept": "yes"}
    assert "managedFields" not in slim(manifest)["metadata"]


def test_a_newer_version_with_the_same_content_is_stored_and_is_no_change():
    cache = Cache()
    cache.put(stored(dataset(), version=5))
    moved = stored(dataset(), version=6)
    moved["metadata"]["finalizers"] = ["somebody/else"]
    assert not cache.put(moved)
    assert cache.get(FLIGHTS)["metadata"]["resourceVersion"] == "6"


def test_the_counts_of_a_job_are_no_change_and_its_end_is():
    cache = Cache()
    cache.put(stored(job() | {"status": {}}))
    assert not cache.put(stored(job() | {"status": {"active": 1, "ready": 0}}, version=2))
    ended = {"conditions": [{"type": "Complete", "status": "True"}]}
    assert cache.put(stored(job() | {"status": ended}, version=3))


def test_a_job_is_unfinished_from_its_reservation_to_its_end():
    cache = Cache()
    expected = {**job("a"), "metadata": {**job("a")["metadata"], "namespace": "delays"}}
    cache.reserve(expected)
    assert cache.unfinished_jobs("delays") == 1
    cache.put(stored(job("a"), version=2))
    cache.put(stored(job("b"), uid="u2", version=3))
    assert (cache.unfinished_jobs("delays"), cache.unfinished_jobs("elsewhere")) == (2, 0)
    over = {"conditions": [{"type": "Failed", "status": "True"}]}
    cache.put(stored(job("a") | {"status": over}, version=4))
    assert cache.unfinished_jobs("delays") == 1
    cache.remove(stored(job("b"), uid="u2", version=5))
    assert cache.unfinished_jobs("delays") == 0


def test_a_dataset_with_the_name_of_a_job_does_not_end_it():
    cache = Cache()
    cache.put(stored(job("flights"), version=2))
    cache.put(stored(dataset(), uid="u2", version=3))
    cache.remove(stored(dataset(), uid="u2", version=4))
    assert cache.unfinished_jobs("delays") == 1
