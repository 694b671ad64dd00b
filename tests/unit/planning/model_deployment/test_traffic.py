from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.model_deployment import canary, new, serving
from perennial.planning.model_deployment.plan import plan
from perennial.planning.model_deployment.traffic import Traffic, candidate_share, capacity, enough

PODS = st.integers(1, 40)


@pytest.mark.parametrize(("pods", "ready"), [(1, 1), (2, 2), (9, 9), (10, 9), (20, 18)])
def test_nine_tenths_of_the_pods_are_enough(pods, ready):
    assert enough(pods) == ready
    assert capacity(ready, pods) == 100
    assert capacity(ready - 1, pods) < 100


def test_no_pods_carry_nothing():
    assert capacity(0, 4) == capacity(0, 0) == 0


def test_a_healthy_pair_gets_the_weights_of_the_step():
    assert candidate_share(5, stable_ready=20, candidate_ready=1, pods=20) == 5
    assert candidate_share(50, stable_ready=4, candidate_ready=2, pods=4) == 50


def test_a_revision_without_ready_pods_gets_nothing():
    assert candidate_share(50, stable_ready=4, candidate_ready=0, pods=4) == 0
    assert candidate_share(5, stable_ready=0, candidate_ready=1, pods=4) == 100
    assert candidate_share(5, stable_ready=0, candidate_ready=0, pods=4) == 0


def test_a_candidate_without_weight_gets_traffic_only_where_stable_is_silent():
    assert candidate_share(0, stable_ready=1, candidate_ready=4, pods=4) == 0
    assert candidate_share(0, stable_ready=0, candidate_ready=1, pods=4) == 100


def test_what_stable_cannot_carry_goes_to_ready_pods_of_the_candidate():
    assert candidate_share(5, stable_ready=1, candidate_ready=2, pods=2) == 45
    assert candidate_share(25, stable_ready=10, candidate_ready=5, pods=20) == 27


@given(st.integers(0, 100), PODS, PODS, PODS)
def test_no_candidate_gets_more_than_its_ready_pods_carry(weight, stable, candidate, pods):
    share = candidate_share(weight, stable, candidate, pods)
    assert 0 <= share <= capacity(candidate, pods)


@given(st.integers(1, 100), PODS, PODS, PODS)
def test_stable_gets_more_than_it_carries_only_where_the_candidate_is_full(
    weight, stable, candidate, pods
):
    share = candidate_share(weight, stable, candidate, pods)
    is_full = share == capacity(candidate, pods)
    assert 100 - share <= max(100 - weight, 0) or is_full
    assert 100 - share <= capacity(stable, pods) or is_full


def test_equal_weights_have_equal_digests_in_any_order():
    first = Traffic({"a": 75, "b": 25}, "a", is_shared=False)
    assert first.digest == Traffic({"b": 25, "a": 75}, "b", is_shared=False).digest
    assert first.digest != Traffic({"a": 50, "b": 50}, "a", is_shared=False).digest
    assert len(first.digest) == 10


def test_a_first_deployment_has_no_traffic_to_split():
    assert plan(new(canary())).status.shift is None


def test_a_settled_route_is_not_probed_again():
    settled = serving(canary())
    assert plan(settled).requeue_after is None
    assert plan(settled).status.shift.proven


def test_a_shift_is_probed_until_it_is_proven_and_less_often_after_the_deadline():
    lagging = serving(canary())
    shift = lagging.status.shift.model_copy(update={"proven": None, "at": lagging.now})
    status = lagging.status.model_copy(update={"shift": shift})
    lagging = replace(lagging, status=status, shift_seen=None)
    assert plan(lagging).requeue_after == timedelta(milliseconds=250)
    late = replace(lagging, now=lagging.now + timedelta(hours=1))
    assert plan(late).requeue_after == timedelta(seconds=5)
