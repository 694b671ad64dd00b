import pytest
from pydantic import ValidationError

from perennial.api.model_deployment import LATEST, ModelDeploymentSpec, ModelDeploymentStatus


def deployment(**fields):
    return ModelDeploymentSpec.model_validate({"model": {"name": "churn"}, **fields})


def test_the_name_of_a_model_is_enough():
    spec = deployment()
    assert spec.model.version == LATEST
    assert spec.replicas == 2
    assert spec.rollout.strategy is None
    assert spec.route is None
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


def test_a_stored_strategy_is_kept():
    assert deployment(rollout={"strategy": "Immediate"}).rollout.strategy == "Immediate"


def test_a_step_has_a_weight_and_a_pause():
    steps = [{"weight": 5, "pause": {"for": "10m"}}, {"weight": 50}]
    rollout = deployment(rollout={"strategy": "Canary", "steps": steps}).rollout
    assert [step.weight for step in rollout.steps] == [5, 50]
    assert rollout.steps[0].pause.for_ == "10m"
    assert rollout.steps[1].pause is None


@pytest.mark.parametrize("weight", [0, 100])
def test_a_step_gives_some_traffic_and_not_all(weight):
    with pytest.raises(ValidationError):
        deployment(rollout={"strategy": "Canary", "steps": [{"weight": weight}]})


@pytest.mark.parametrize("path", ["/", "delay", "/delay/", "/a b"])
def test_a_path_prefix_starts_with_a_slash_and_ends_without_one(path):
    with pytest.raises(ValidationError):
        deployment(route={"parentRef": {"name": "public"}, "pathPrefix": path})


def test_a_deployment_may_rest_at_no_replicas():
    assert deployment(replicas=0).replicas == 0


def test_a_status_begins_with_no_pods():
    assert ModelDeploymentStatus().replicas == 0
    assert ModelDeploymentStatus().stable is None
