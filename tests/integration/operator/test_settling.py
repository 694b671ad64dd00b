"""How the operator brings objects of the real API server to what they ask for, and keeps them."""

import time
from dataclasses import dataclass
from functools import partial

import pytest

from doubles import operator_parts
from harness.kubectl import Kubectl, conditions
from perennial.api.names import MANAGED_BY

pytestmark = pytest.mark.integration
dataset = partial(operator_parts.dataset, namespace=None)


@dataclass(frozen=True)
class Flights:
    """A Dataset of the test's own."""

    name: str
    kubectl: Kubectl

    def settle(self) -> None:
        self.kubectl.apply(dataset(self.name))
        self.settled()

    def settled(self) -> None:
        self.kubectl.wait_for("Dataset", self.name, is_settled, seconds=30)

    def dataset(self):
        return self.kubectl.get("Dataset", self.name)

    def service(self):
        return self.kubectl.get("Service", self.name)

    def job(self):
        return self.kubectl.get("Job", f"{self.name}-job")


def is_settled(manifest):
    """Ready for the newest generation."""
    ready = conditions(manifest).get("Ready", {})
    return (ready.get("status"), ready.get("observedGeneration")) == (
        "True",
        manifest["metadata"]["generation"],
    )


@pytest.fixture
def flights(place, request):
    return Flights(f"f{abs(hash(request.node.name)) % 10**9}", place.kubectl)


def test_an_object_gets_its_children_its_status_and_its_events(flights):
    flights.settle()
    for child in (flights.job(), flights.service()):
        assert child["metadata"]["ownerReferences"][0]["name"] == flights.name
        assert child["metadata"]["labels"][MANAGED_BY] == "perennial"
    assert {event["reason"] for event in flights.kubectl.events(flights.name)} == {
        "FirstSnapshot",
        "SnapshotReady",
    }


def test_nothing_of_kopf_is_left_on_an_object(flights):
    flights.settle()
    metadata = flights.dataset()["metadata"]
    assert "finalizers" not in metadata
    assert "annotations" not in metadata
    managers = {entry["manager"] for entry in metadata["managedFields"]}
    assert managers == {"tests", "perennial-status"}


def test_many_edits_cause_fewer_reconciliations_and_the_last_one_counts(flights, place):
    flights.settle()
    looks = place.operator.number("perennial_reconcile_total", kind="Dataset")
    for number in range(300):
        change = {"spec": {"source": {"object": {"path": f"raw/{number}/"}}}}
        flights.kubectl.patch("Dataset", flights.name, change)
    flights.settled()
    assert flights.dataset()["metadata"]["generation"] == 301
    assert place.operator.number("perennial_reconcile_total", kind="Dataset") - looks <= 700
    assert place.operator.number("perennial_reconcile_errors_total") == 0


def test_a_restored_object_with_a_foreign_status_is_reconciled(flights):
    flights.settle()
    kubectl, kept = flights.kubectl, flights.dataset()
    kubectl.delete("Dataset", flights.name)
    kubectl.wait_gone("Service", flights.name)
    kubectl.wait_gone("Job", f"{flights.name}-job")
    annotations = {"kopf.zalando.org/last-handled-configuration": "{}"}
    kubectl.create({**kept, "metadata": {"name": flights.name, "annotations": annotations}})
    foreign = {"observedGeneration": 9, "quality": {"outcome": "Passed", "passed": 1}}
    kubectl.patch("Dataset", flights.name, {"status": foreign}, "status")
    flights.settled()
    assert flights.service()
    assert flights.dataset()["status"]["observedGeneration"] == 1


def test_a_child_that_was_deleted_or_changed_is_repaired_at_once(flights):
    flights.settle()
    kubectl, uid = flights.kubectl, flights.service()["metadata"]["uid"]
    kubectl.delete("Service", flights.name)
    kubectl.wait_for("Service", flights.name, lambda found: found["metadata"]["uid"] != uid, 5)
    kubectl.patch("Service", flights.name, {"spec": {"selector": {"app": "else"}}})
    wanted = {"app": flights.name}
    kubectl.wait_for("Service", flights.name, lambda found: found["spec"]["selector"] == wanted, 5)


def test_additions_of_others_to_a_child_stay(flights, place):
    flights.settle()
    time.sleep(1)
    before = place.operator.writes()
    note, affinity = {"annotations": {"note": "seen"}}, {"sessionAffinity": "ClientIP"}
    flights.kubectl.patch("Service", flights.name, {"metadata": note, "spec": affinity})
    time.sleep(3)
    assert place.operator.writes() == before
    assert flights.service()["metadata"]["annotations"] == {"note": "seen"}


def test_a_label_that_somebody_removed_from_a_child_comes_back(flights):
    flights.settle()
    for kind, name in (("Job", f"{flights.name}-job"), ("Service", flights.name)):
        flights.kubectl.patch(kind, name, {"metadata": {"labels": {MANAGED_BY: None}}})
        flights.kubectl.wait_for(
            kind, name, lambda found: MANAGED_BY in found["metadata"].get("labels", {}), 10
        )


def test_a_taken_name_is_reported_and_heals_when_it_is_free(flights):
    taken = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": flights.name},
        "spec": {"ports": [{"port": 80, "protocol": "TCP"}]},
    }
    flights.kubectl.apply(taken)
    flights.kubectl.apply(dataset(flights.name))
    stalled = flights.kubectl.wait_for("Dataset", flights.name, "Stalled", 10)
    assert conditions(stalled)["Stalled"]["reason"] == "NameTaken"
    assert "ownerReferences" not in flights.service()["metadata"]
    flights.kubectl.delete("Service", flights.name)
    flights.settled()
