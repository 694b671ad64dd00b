from builders.job import CONFIGURATION, STORE
from perennial.planning.stores import find_store, store_not_found


def test_a_store_is_found_by_its_name():
    assert find_store(CONFIGURATION, "default", "delays") == STORE
    assert find_store(CONFIGURATION, "elsewhere", "delays") is None


def test_a_store_of_another_namespace_is_as_unknown_as_one_that_does_not_exist():
    assert find_store(CONFIGURATION, "theirs", "theirs") is not None
    assert find_store(CONFIGURATION, "theirs", "delays") is None


def finding(namespace):
    return store_not_found(CONFIGURATION, "archive", namespace, "spec.artifact.store")["Stalled"]


def test_who_names_an_unknown_store_is_told_the_field_and_those_he_may_use():
    assert finding("delays").reason == "StoreNotFound"
    assert finding("delays").message.startswith(
        "spec.artifact.store: namespace delays has no object store"
    )
    assert "available are: default." in finding("delays").message
    assert "available are: default, theirs." in finding("theirs").message
