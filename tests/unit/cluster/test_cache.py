from doubles.operator_parts import dataset, job
from perennial.cluster.cache import Key, Store, slim


def stored(manifest, uid="u1", version=1, owner=None):
    metadata = {"namespace": "delays", **manifest["metadata"], "uid": uid}
    metadata["resourceVersion"] = str(version)
    if owner:
        metadata["ownerReferences"] = [
            {"kind": "Dataset", "name": "flights", "uid": owner, "controller": True}
        ]
    return {**manifest, "metadata": metadata}


FLIGHTS = Key("Dataset", "delays", "flights")


def test_older_news_never_replaces_newer_news():
    store = Store()
    assert store.put(stored(dataset(), version=5))
    assert not store.put(stored(dataset(path="old/"), version=4))
    assert store.get(FLIGHTS)["metadata"]["resourceVersion"] == "5"


def test_the_echo_of_an_own_write_is_no_news():
    store = Store()
    store.put(stored(dataset(), version=5))
    assert not store.put(stored(dataset(), version=5))


def test_the_late_answer_to_a_write_does_not_bring_back_what_is_gone():
    store = Store()
    store.put(stored(dataset(), version=5))
    assert store.remove(stored(dataset(), version=9))
    assert not store.put(stored(dataset(), version=7))
    assert store.get(FLIGHTS) is None


def test_an_object_that_lost_its_label_and_got_it_back_is_known_again():
    store = Store()
    store.put(stored(job(), version=5))
    store.remove(stored(job(), version=6))
    assert store.put(stored(job(), version=7))


def test_the_deletion_of_a_namesake_leaves_the_present_one():
    store = Store()
    store.put(stored(dataset(), uid="new", version=9))
    assert not store.remove(stored(dataset(), uid="old", version=8))
    assert store.get(FLIGHTS) is not None


def test_children_are_found_by_their_owner_in_order():
    store = Store()
    for number, name in enumerate(("b", "a", "c")):
        store.put(stored(job(name), uid=name, version=number + 1, owner="u1"))
    store.put(stored(job("other"), uid="o", version=9, owner="u2"))
    assert [child["metadata"]["name"] for child in store.owned("u1")] == ["a", "b", "c"]
    store.remove(stored(job("a"), uid="a", version=10))
    assert len(store.owned("u1")) == 2


def test_objects_are_found_by_kind_and_namespace():
    store = Store()
    store.put(stored(job("a")))
    store.put(stored(dataset(), uid="u2"))
    assert [each["metadata"]["name"] for each in store.of_kind("Job", "delays")] == ["a"]
    assert store.of_kind("Job", "elsewhere") == ()


def test_an_expected_object_is_seen_until_it_comes_or_the_expectation_is_taken_back():
    store = Store()
    expected = {**job("a"), "metadata": {**job("a")["metadata"], "namespace": "delays"}}
    store.expect(expected)
    assert store.of_kind("Job", "delays") == (expected,)
    store.disappoint(expected)
    assert store.of_kind("Job", "delays") == ()
    store.expect(expected)
    assert store.put(stored(job("a"), version=3))
    store.disappoint(expected)
    assert len(store.of_kind("Job", "delays")) == 1


def test_a_slim_copy_lacks_what_only_others_need():
    manifest = stored(dataset())
    manifest["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    manifest["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "kept": "yes",
    }
    assert slim(manifest)["metadata"]["annotations"] == {"kept": "yes"}
    assert "managedFields" not in slim(manifest)["metadata"]


def test_a_newer_version_that_says_the_same_is_kept_and_is_no_news():
    store = Store()
    store.put(stored(dataset(), version=5))
    moved = stored(dataset(), version=6)
    moved["metadata"]["finalizers"] = ["somebody/else"]
    assert not store.put(moved)
    assert store.get(FLIGHTS)["metadata"]["resourceVersion"] == "6"


def test_the_counts_of_a_job_are_no_news_and_its_end_is():
    store = Store()
    store.put(stored(job() | {"status": {}}))
    assert not store.put(stored(job() | {"status": {"active": 1, "ready": 0}}, version=2))
    ended = {"conditions": [{"type": "Complete", "status": "True"}]}
    assert store.put(stored(job() | {"status": ended}, version=3))


def test_a_job_counts_as_unfinished_from_its_expectation_to_its_end():
    store = Store()
    expected = {**job("a"), "metadata": {**job("a")["metadata"], "namespace": "delays"}}
    store.expect(expected)
    assert store.unfinished_jobs("delays") == 1
    store.put(stored(job("a"), version=2))
    store.put(stored(job("b"), uid="u2", version=3))
    assert (store.unfinished_jobs("delays"), store.unfinished_jobs("elsewhere")) == (2, 0)
    over = {"conditions": [{"type": "Failed", "status": "True"}]}
    store.put(stored(job("a") | {"status": over}, version=4))
    assert store.unfinished_jobs("delays") == 1
    store.remove(stored(job("b"), uid="u2", version=5))
    assert store.unfinished_jobs("delays") == 0


def test_a_dataset_with_the_name_of_a_job_does_not_end_it():
    store = Store()
    store.put(stored(job("flights"), version=2))
    store.put(stored(dataset(), uid="u2", version=3))
    store.remove(stored(dataset(), uid="u2", version=4))
    assert store.unfinished_jobs("delays") == 1
