import json

import pytest

from builders.job import condition, stamp
from perennial.api.names import labels
from perennial.api.times import to_timestamp
from perennial.planning.model_deployment.server_pods import blocker, is_ready, restarts

DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {
        "name": "flight-delay-0123456789",
        "namespace": "delays",
        "labels": labels("ModelDeployment", "flight-delay"),
    },
}


def pod(*, init=None, server=None, conditions=(), **metadata):
    statuses = {
        "initContainerStatuses": [init] if init else [],
        "containerStatuses": [server] if server else [],
        "conditions": list(conditions),
        "phase": "Running",
    }
    made = {"name": "p", "namespace": "delays", "creationTimestamp": "2026-03-01T12:00:00Z"}
    return {"kind": "Pod", "metadata": {**made, **metadata}, "status": statuses}


def container(name="server", **states):
    return {"name": name, "image": "server:1", **states}


def waiting(reason, message=""):
    return {"waiting": {"reason": reason, "message": message}}


def ended(code=1, reason="Error", message="", **facts):
    return {"terminated": {"exitCode": code, "reason": reason, "message": message, **facts}}


KEYLESS = waiting("CreateContainerConfigError", 'secret "flight-delay-prediction-ids" not found')
READY = {"type": "Ready", "status": "True"}


def reason_of(*pods, deployment=DEPLOYMENT):
    found = blocker(deployment, pods)
    return found and found.reason


def test_a_pod_is_ready_when_it_says_so_and_is_to_stay():
    assert is_ready(pod(conditions=[READY]))
    assert not is_ready(pod())
    assert not is_ready(pod(conditions=[READY], deletionTimestamp="2026-03-01T12:01:00Z"))


def test_a_pod_that_is_starting_has_no_blocker():
    assert reason_of(pod(server=container(state={"running": {}}))) is None
    assert reason_of(pod(init=container("fetch", state={"running": {}}))) is None


def test_a_crash_loop_tells_with_the_last_words_of_the_container():
    looping = container(
        state=waiting("CrashLoopBackOff", "back-off 40s"),
        lastState=ended(2, message="no module named x"),
    )
    found = blocker(DEPLOYMENT, [pod(server=looping)])
    assert found.reason == "ServerCrashing"
    assert found.message == "container server ended with exit code 2: no module named x"


def test_a_container_that_was_started_again_is_still_known_to_crash():
    assert (
        reason_of(pod(server=container(state={"running": {}}, lastState=ended())))
        == "ServerCrashing"
    )


def test_a_container_that_ended_well_has_no_blocker():
    ended_well = container("fetch", state=ended(0, "Completed"))
    assert reason_of(pod(init=ended_well, server=container(state={"running": {}}))) is None


def test_a_server_that_its_liveness_probe_ended_is_known_to_crash():
    drained = container(state={"running": {}}, lastState=ended(0, "Completed"))
    found = blocker(DEPLOYMENT, [pod(server=drained)])
    assert found.reason == "ServerCrashing"
    assert "liveness probe" in found.message


@pytest.mark.parametrize("reason", ["Unknown", "ContainerStatusUnknown"])
def test_a_server_that_was_lost_with_its_node_is_not_its_own_fault(reason):
    lost = container(state={"running": {}}, lastState=ended(255, reason))
    assert reason_of(pod(server=lost)) == "PodLost"


def test_restarts_are_those_of_pods_that_are_not_ready():
    looping = pod(server=container(restartCount=3))
    well = pod(server=container(restartCount=9), conditions=[READY])
    assert restarts([looping, well]) == 3
    assert restarts([well]) == 0


def test_a_report_of_the_fetch_gives_its_own_reason():
    report = {"reason": "StoreAccessDenied", "message": "the keys in Secret s3 are refused"}
    fetch = container("fetch", state=ended(message=json.dumps(report)))
    found = blocker(DEPLOYMENT, [pod(init=fetch)])
    assert (found.reason, found.message) == (report["reason"], report["message"])


def test_a_container_killed_for_memory_names_the_field_to_raise():
    killed = container(state=waiting("CrashLoopBackOff"), lastState=ended(137, "OOMKilled"))
    found = blocker(DEPLOYMENT, [pod(server=killed)])
    assert found.reason == "OutOfMemory"
    assert "spec.server.resources.limits.memory" in found.message


def test_a_missing_image_and_a_missing_secret_are_named():
    image = container("fetch", state=waiting("ErrImagePull", "not found"))
    assert reason_of(pod(init=image)) == "ImageUnavailable"
    secret = container(
        "fetch", state=waiting("CreateContainerConfigError", 'secret "s3" not found')
    )
    assert reason_of(pod(init=secret)) == "SecretNotFound"


def test_a_pod_that_no_node_can_take_quotes_the_scheduler():
    full = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/1 nodes are available: 1 Insufficient memory",
    }
    found = blocker(DEPLOYMENT, [pod(conditions=[full])])
    assert found.reason == "Unschedulable"
    assert "Insufficient memory" in found.message
    assert "spec.server" in found.message


def refused(message):
    failure = condition("ReplicaFailure", message=message)
    return reason_of(deployment={**DEPLOYMENT, "status": {"conditions": [failure]}})


def test_pods_that_the_api_server_refuses_are_told_by_the_deployment():
    assert refused('pods "x" is forbidden: exceeded quota: small') == "QuotaExceeded"
    assert refused('serviceaccount "y" not found') == "ServiceAccountNotFound"
    assert refused("violates PodSecurity") == "PodRefused"


def test_pods_that_answer_or_are_leaving_have_no_blocker():
    crashed_once = container(state={"running": {}}, lastState=ended())
    assert reason_of(pod(server=crashed_once, conditions=[READY])) is None
    assert reason_of(pod(server=crashed_once, deletionTimestamp="2026-03-01T12:01:00Z")) is None


def test_a_pod_without_the_key_of_its_ids_waits_for_the_operator():
    found = blocker(DEPLOYMENT, [pod(server=container(state=KEYLESS))])
    assert found.reason == "PredictionKeyNotFound"
    assert "the operator creates it again" in found.message


def test_a_crash_blocks_since_the_container_ended_or_else_since_the_pod_was_made():
    def since(**facts):
        crashed = container(state=ended(**facts))
        return to_timestamp(blocker(DEPLOYMENT, [pod(server=crashed)]).since)

    assert since(finishedAt=stamp(90)) == stamp(90)
    assert since() == stamp(0)
