from builders.decision import decision, spec
from builders.job import NOON
from perennial.api.times import to_timestamp
from perennial.observing.decisions import Decisions


def manifest(of, **changes):
    metadata = {"name": of.name, "uid": of.uid, "generation": 1}
    written = of.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    status = of.status.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "metadata": {**metadata, "creationTimestamp": to_timestamp(NOON)},
        "spec": {**written, **changes},
        "status": status,
    }


def about(*manifests, name="churn"):
    return list(Decisions().about(manifests, "ModelDeployment", name))


def test_a_decision_is_read_with_its_status():
    assert about(manifest(decision())) == [decision()]


def test_only_decisions_about_the_object_are_read():
    assert about(manifest(decision()), name="fraud") == []
    other = manifest(decision(), subject={"kind": "Model", "name": "churn"})
    assert about(other) == []


def test_a_decision_that_cannot_be_read_is_left_out():
    broken = manifest(decision(), verdict="Approve")
    assert about(broken, manifest(decision("Abort"))) == [decision("Abort")]
    assert about({"metadata": {}, "spec": {}}) == []


def test_a_spec_is_what_was_written():
    (read,) = about(manifest(decision("Rollback", to="churn-7")))
    assert read.spec == spec("Rollback", to="churn-7")
