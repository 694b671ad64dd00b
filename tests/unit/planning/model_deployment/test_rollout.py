from dataclasses import replace

from builders.model_deployment import (
    CRASH,
    acted,
    new,
    respecified,
    revision,
    serving,
    spec,
    version,
    with_pods,
    with_version,
)
from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.planning.model_deployment.rollout import assess


def test_the_service_tells_which_revision_is_stable_and_not_a_late_status():
    growing = acted(with_version(serving(), version(2)))
    switched = replace(growing, in_rotation=revision(2))
    assert assess(switched).stable.revision == revision(2)
    assert assess(switched).candidate is None


def test_an_address_edited_to_name_no_revision_of_ours_leaves_stable_what_was():
    assert assess(replace(serving(), in_rotation="ffffffffff")).stable.revision == revision(1)


def test_the_spec_waits_for_the_first_deployment_and_for_its_own_changes():
    assert assess(new()).user_initiated
    assert assess(respecified(serving(), spec(replicas=3))).user_initiated
    assert assess(replace(serving(), status=ModelDeploymentStatus())).user_initiated


def test_nobody_waits_for_a_version_that_arrived_by_itself_even_when_pods_come_and_go():
    arrived = with_version(serving(), version(2))
    assert not assess(arrived).user_initiated
    growing = acted(arrived)
    assert not assess(respecified(growing, spec(replicas=3))).user_initiated
    silent = acted(with_pods(growing, revision(1), ready=0, blocker=CRASH))
    assert not assess(silent).user_initiated


def test_a_stable_revision_that_neither_runs_nor_can_be_started_is_gone():
    lost = replace(serving(), running={}, versions=())
    assert assess(lost).stable is None
