import pytest
from pydantic import ValidationError

from perennial.api.model_deployment import LATEST, ModelDeploymentSpec, ModelDeploymentStatus


def deployment(**fields):
    return ModelDeploymentSpec.model_validate({"model": {"name": "churn"}, **fields})


def test_the_name_of_a_model_is_enough():
    spec = deployment()
    assert spec.model.version == LATEST
    assert spec.replicas == 2
    assert spec.rollout.strategy == "Immediate"
    assert not spec.paused


def test_servers_are_bounded_unless_the_spec_bounds_them_itself():
    limits = deployment().server.resources.limits
    assert limits == {"memory": "1Gi"}
    assert deployment(server={"resources": {}}).server.resources.limits is None


def test_rows_beyond_the_contract_are_answered_unless_the_spec_refuses_them():
    assert deployment().server.out_of_contract == "Answer"
    assert deployment(server={"outOfContract": "Refuse"}).server.out_of_contract == "Refuse"


@pytest.mark.parametrize("workers", [0, 65])
def test_workers_have_bounds(workers):
    with pytest.raises(ValidationError):
        deployment(server={"workers": workers})


@pytest.mark.parametrize("replicas", [-1, 1001])
def test_replicas_have_bounds(replicas):
    with pytest.raises(ValidationError):
        deployment(replicas=replicas)


def test_a_deployment_may_rest_at_no_replicas():
    assert deployment(replicas=0).replicas == 0


def test_a_status_begins_with_no_pods():
    assert ModelDeploymentStatus().replicas == 0
    assert ModelDeploymentStatus().stable is None
