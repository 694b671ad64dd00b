"""A witness that objects to nothing proves nothing: statuses that are not true, written by hand."""

import pytest

from doubles.operator_parts import dataset
from harness import witness
from harness.team import eventually
from harness.truth import Truth

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("_resources")]

DIGEST = f"sha256:{'0' * 64}"
NOWHERE = {
    "digest": DIGEST,
    "contract": DIGEST,
    "path": "perennial/nowhere/",
    "rows": 1,
    "bytes": 1,
    "takenAt": "2026-03-01T12:00:00Z",
}


def condition(kind, status):
    return {
        "type": kind,
        "status": status,
        "reason": "Said",
        "message": "a message",
        "observedGeneration": 1,
        "lastTransitionTime": "2026-03-01T12:00:00Z",
    }


def objections(namespace, truth, *conditions):
    """Return what a witness objects to in a status that nobody but a test would write."""
    namespace.apply(dataset(namespace=None))
    with witness.watching(namespace, truth.lacks) as seen:
        eventually(lambda: seen.states == 1, "the witness has begun")
        status = {"observedGeneration": 1, "snapshot": NOWHERE, "conditions": list(conditions)}
        namespace.patch("Dataset", "flights", {"status": status}, "status")
        eventually(lambda: seen.states == 2, "the witness has seen the status")
    return "\n".join(seen.objections)


@pytest.fixture
def truth(cluster, namespace, bucket):
    return Truth(namespace, bucket)


def test_ready_without_a_snapshot_in_the_bucket_is_objected_to(namespace, truth):
    objected = objections(namespace, truth, condition("Ready", "True"))

    assert "Dataset flights at version" in objected
    assert "no snapshot stands at perennial/nowhere/" in objected
    assert "under another contract" in objected


def test_ready_and_stalled_at_once_is_objected_to(namespace, truth):
    objected = objections(
        namespace, truth, condition("Ready", "True"), condition("Stalled", "True")
    )

    assert "kubectl wait would end, and kstatus says Failed" in objected


def test_a_reconciling_object_is_not_objected_to(namespace, truth):
    objected = objections(
        namespace, truth, condition("Ready", "False"), condition("Reconciling", "True")
    )

    assert objected == ""
