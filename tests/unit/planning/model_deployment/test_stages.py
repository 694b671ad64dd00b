import pytest

from builders.model_deployment import ROUTE, blue_green, canary, spec, steps
from perennial.planning.model_deployment.stages import (
    Means,
    default_weights,
    expressible,
    pods_for,
    refusal,
)


def refused(of, *, serves_routes=True, has_prometheus=False):
    return refusal(of, Means(serves_routes, has_prometheus)) or ""


@pytest.mark.parametrize(
    ("weight", "replicas", "pods"), [(5, 2, 1), (5, 20, 1), (25, 20, 5), (50, 3, 2), (100, 7, 7)]
)
def test_a_routed_share_needs_its_share_of_the_pods(weight, replicas, pods):
    assert pods_for(weight, replicas, routed=True) == pods


@pytest.mark.parametrize(("weight", "replicas", "pods"), [(33, 2, 1), (50, 2, 2), (5, 20, 1)])
def test_without_a_route_the_pods_are_the_share(weight, replicas, pods):
    assert pods_for(weight, replicas, routed=False) == pods


@pytest.mark.parametrize(("replicas", "weights"), [(0, (50,)), (1, (50,)), (2, (33, 50))])
def test_the_default_weights_are_what_few_replicas_can_express(replicas, weights):
    assert default_weights(spec(replicas)) == weights


def test_replicas_express_few_weights():
    assert expressible(2) == (33, 50)
    assert expressible(4) == (20, 33, 43, 50)


def test_immediate_and_blue_green_need_no_steps():
    assert not refused(spec())
    assert not refused(blue_green())
    assert not refused(blue_green(route=None))


def test_a_canary_needs_a_pause_in_each_step_and_an_example_names_what_can_be_expressed():
    assert not refused(canary(5, 50))
    unpaused = (steps(5)[0].model_copy(update={"pause": None}), *steps(50))
    assert "each step of a Canary needs a pause" in refused(canary(steps=unpaused))
    assert "[{weight: 5, pause: {for: 10m}}, {weight: 25" in refused(canary(steps=()))
    assert "[{weight: 33, pause: {for: 10m}}, {weight: 50" in refused(
        canary(steps=(), replicas=2, route=None)
    )


@pytest.mark.parametrize("weight", [5, 30, 36, 60])
def test_a_weight_that_replicas_cannot_express_is_refused_with_the_nearest(weight):
    message = refused(canary(weight, replicas=2, route=None))
    assert f"2 replicas cannot express the weight {weight}" in message
    assert f"weights such as {50 if weight == 60 else 33}" in message
    assert not refused(canary(weight, replicas=2))


@pytest.mark.parametrize("weight", [32, 33, 35, 49, 50])
def test_a_weight_within_two_points_of_the_replicas_is_taken(weight):
    assert not refused(canary(weight, replicas=2, route=None))


def test_steps_without_a_canary_are_not_ignored():
    assert "Immediate is in force" in refused(spec(steps=steps(5)))


def test_a_route_needs_the_gateway_api():
    assert "install the Gateway API" in refused(spec(route=ROUTE), serves_routes=False)
