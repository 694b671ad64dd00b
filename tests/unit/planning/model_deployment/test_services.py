from builders.model_deployment import NAME, NAMESPACE
from perennial.planning.model_deployment.deployment import selector
from perennial.planning.model_deployment.services import (
    address,
    address_service,
    disruption_budget,
    in_rotation,
    revision_service,
)

HERE = NAME, NAMESPACE, "0123456789"


def test_the_address_names_one_revision():
    service = address_service(*HERE)
    assert service["metadata"]["name"] == NAME
    assert service["spec"]["selector"] == selector(NAME, "0123456789")
    assert in_rotation(service) == "0123456789"


def test_a_service_that_names_no_revision_has_none_in_rotation():
    assert in_rotation(None) is None
    assert in_rotation({"spec": {"selector": {"app": "mine"}}}) is None


def test_every_revision_can_be_reached_by_itself():
    service = revision_service(*HERE)
    assert service["metadata"]["name"] == f"{NAME}-0123456789"
    assert service["spec"] == address_service(*HERE)["spec"]


def test_the_address_needs_no_port():
    assert address(NAME, NAMESPACE) == "http://flight-delay.delays.svc"
    assert address_service(*HERE)["spec"]["ports"][0]["port"] == 80


def test_one_pod_in_rotation_may_be_away_and_pods_that_do_not_answer_never_block():
    budget = disruption_budget(*HERE)["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"] == selector(NAME, "0123456789")
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
