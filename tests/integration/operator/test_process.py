"""The operator's process on the real API server: it starts, settles, hands over and ends."""

import json
import os
import signal
import time
from functools import partial

import pytest

from doubles import operator_parts
from harness.kubectl import conditions

pytestmark = pytest.mark.integration
dataset = partial(operator_parts.dataset, namespace=None)

LEASE = {
    "enabled": True,
    "namespace": "perennial-system",
    "durationSeconds": 6,
    "renewSeconds": 4,
    "retrySeconds": 1,
}


@pytest.fixture
def lease(request):
    return LEASE | {"name": f"test-{os.getpid()}-{abs(hash(request.node.name)) % 10**8}"}


def is_settled(manifest):
    """Ready for the newest generation."""
    ready = conditions(manifest).get("Ready", {})
    return (ready.get("status"), ready.get("observedGeneration")) == (
        "True",
        manifest["metadata"]["generation"],
    )


def settled(namespace, *names):
    for name in names:
        namespace.wait_for("Dataset", name, is_settled, seconds=20)


def versions(namespace):
    return {
        (kind, each["metadata"]["name"]): each["metadata"]["resourceVersion"]
        for kind in ("Dataset", "Job", "Service")
        for each in namespace.all(kind)
    }


def test_settled_objects_are_neither_read_nor_written(namespace, start):
    operator = start()
    operator.wait_for("leading")
    namespace.apply([dataset(f"flights{number}") for number in range(5)])
    settled(namespace, *(f"flights{number}" for number in range(5)))
    time.sleep(3)
    before = versions(namespace), operator.number("perennial_api_requests_total")
    time.sleep(10)
    assert (versions(namespace), operator.number("perennial_api_requests_total")) == before


def test_it_ends_within_two_seconds_in_every_stage(namespace, start, lease):
    leading = start(lease=lease)
    leading.wait_for("leading")
    standby = start(lease=lease)
    standby.wait_for("standby")
    namespace.apply([dataset(f"flights{number}") for number in range(30)])
    for process in (standby, leading):
        status, seconds = process.end(signal.SIGTERM)
        assert (status, seconds < 2) == (0, True), process.log.read_text()


def test_a_restarted_operator_writes_nothing_to_settled_objects(namespace, start):
    first = start()
    first.wait_for("leading")
    namespace.apply([dataset(f"flights{number}") for number in range(5)])
    settled(namespace, *(f"flights{number}" for number in range(5)))
    time.sleep(1)
    first.end(signal.SIGKILL)
    before = versions(namespace)
    second = start()
    second.wait_for("leading")
    time.sleep(5)
    assert second.writes() == 0
    assert versions(namespace) == before


def test_a_release_hands_over_at_once_and_a_kill_after_the_lease(namespace, start, lease):
    first, second = start(lease=lease), None
    first.wait_for("leading")
    second = start(lease=lease)
    second.wait_for("standby")
    first.end(signal.SIGTERM)
    second.wait_for("leading", seconds=4)
    third = start(lease=lease)
    third.wait_for("standby")
    second.end(signal.SIGKILL)
    third.wait_for("leading", seconds=6 + 4)


def test_a_paused_leader_writes_nothing_after_its_lease_was_taken(namespace, start, lease):
    first = start(lease=lease)
    first.wait_for("leading")
    second = start(lease=lease)
    second.wait_for("standby")
    os.kill(first.process.pid, signal.SIGSTOP)
    second.wait_for("leading", seconds=12)
    namespace.apply(dataset())
    settled(namespace, "flights")
    before = versions(namespace)
    namespace.apply(dataset("trains"))  # waiting in the paused leader's socket
    settled(namespace, "trains")
    after = versions(namespace)
    os.kill(first.process.pid, signal.SIGCONT)
    assert first.ended(seconds=3) == 1
    assert "the lead is lost" in first.log.read_text()
    assert versions(namespace) == after
    assert before.items() <= after.items()


def test_a_used_up_quota_is_reported_and_heals_when_there_is_room(namespace, start):
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}}
    namespace.apply(quota | {"spec": {"hard": {"count/jobs.batch": "0"}}})
    namespace.wait_for("ResourceQuota", "none", lambda found: "hard" in found.get("status", {}))
    start().wait_for("leading")
    namespace.apply(dataset())
    held = namespace.wait_for("Dataset", "flights", "Reconciling", 10)
    assert conditions(held)["Reconciling"]["reason"] == "QuotaExceeded"
    namespace.delete("ResourceQuota", "none")
    settled(namespace, "flights")


def test_no_secret_and_no_whole_object_is_logged(namespace, start):
    operator = start()
    operator.wait_for("leading")
    namespace.apply(dataset(description="a-text-that-must-not-be-logged"))
    settled(namespace, "flights")
    operator.end(signal.SIGTERM)
    text = operator.log.read_text()
    assert "must-not-be-logged" not in text
    assert "Bearer" not in text
    assert all(json.loads(line)["level"] for line in text.splitlines())


def test_an_invalid_token_ends_the_start(namespace, start, tmp_path, kubeconfig):
    content = json.loads(kubeconfig.read_text())
    content["users"][0]["user"] = {"token": "not-a-token"}
    file = tmp_path / "wrong.kubeconfig"
    file.write_text(json.dumps(content))
    operator = start(through=file)
    assert operator.ended(seconds=10) == 1
    assert "the cluster cannot be read" in operator.log.read_text()
    assert "not-a-token" not in operator.log.read_text()
