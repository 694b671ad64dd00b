import pytest

from builders.model import request
from builders.model_version import spec
from perennial.observing.versions import UnreadableError, Versions


def manifest(status=None, *, resource_version="1", generation=1, **parts):
    metadata = {
        "name": "delay-1",
        "uid": "version-1",
        "generation": generation,
        "resourceVersion": resource_version,
    }
    written = spec(request()).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"kind": "ModelVersion", "metadata": metadata, "spec": written, "status": status} | parts


READY = {
    "type": "Ready",
    "status": "True",
    "reason": "GatesPassed",
    "message": "passed",
    "observedGeneration": 1,
    "lastTransitionTime": "2026-03-01T12:00:00Z",
}
UNREADABLE = manifest(spec={"colour": "blue"})


def test_a_version_is_read_once_until_it_changes():
    versions = Versions()
    (first,), (same,) = versions.readable([manifest()]), versions.readable([manifest()])
    (judged,) = versions.readable([manifest({"conditions": [READY]}, resource_version="2")])
    assert same is first
    assert (first.is_ready, judged.is_ready) == (False, True)
    assert judged.spec is first.spec


def test_a_status_from_elsewhere_counts_as_none():
    (version,) = Versions().readable([manifest({"conditions": "all is well"})])
    assert not version.is_ready


def test_a_version_without_a_valid_spec_is_left_out_or_named():
    assert [each.name for each in Versions().readable([UNREADABLE, manifest()])] == ["delay-1"]
    with pytest.raises(UnreadableError, match="delay-1: "):
        list(Versions().all_of([UNREADABLE]))
