from dataclasses import dataclass
from datetime import datetime

from builders.job import CONFIGURATION, NOON, STORE
from perennial.api.configuration import Configuration
from perennial.planning.stores import find_store, store_not_found


@dataclass(frozen=True)
class In:
    namespace: str
    configuration: Configuration = CONFIGURATION
    free_slots: int = 1
    now: datetime = NOON


def test_a_store_is_found_by_its_name():
    assert find_store(CONFIGURATION, "default", "delays") == STORE
    assert find_store(CONFIGURATION, "elsewhere", "delays") is None


def test_a_store_of_another_namespace_is_as_unknown_as_one_that_does_not_exist():
    assert find_store(CONFIGURATION, "theirs", "theirs") is not None
    assert find_store(CONFIGURATION, "theirs", "delays") is None


def words(namespace):
    return store_not_found(In(namespace), "archive", "spec.artifact.store")["Stalled"]


def test_who_names_an_unknown_store_is_told_the_field_and_those_he_may_use():
    assert words("delays").reason == "StoreNotFound"
    assert words("delays").message.startswith("spec.artifact.store: there is no object store")
    assert "there are: default." in words("delays").message
    assert "there are: default, theirs." in words("theirs").message
