from perennial_serving.counters.layout import OLDER_VERSIONS
from perennial_serving.counters.older_versions import OlderVersions
from perennial_serving.counters.shared_memory import SharedMemory


def test_a_version_keeps_its_place():
    versions = OlderVersions(SharedMemory.create())
    assert [versions.position(name) for name in ("a", "b", "a")] == [1, 2, 1]
    assert versions.names == ["a", "b"]


def test_a_successor_finds_the_names():
    memory = SharedMemory.create()
    OlderVersions(memory).position("flight-delay-1")
    assert OlderVersions(memory).names == ["flight-delay-1"]


def test_there_is_room_for_a_few():
    versions = OlderVersions(SharedMemory.create())
    for number in range(OLDER_VERSIONS):
        assert versions.position("v" * 62 + str(number)) == number + 1
    assert versions.position("one-more") is None
    assert versions.position("v" * 62 + "0") == 1
