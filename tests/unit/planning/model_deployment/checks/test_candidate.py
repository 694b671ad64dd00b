from builders.model_deployment import acted, newer_version_arrived, revision, serving, with_pods
from perennial.planning.model_deployment.checks.candidate import is_ready_to_serve
from perennial.planning.model_deployment.rollout import assess


def ready(pods, *, stable_pods=2):
    old = with_pods(serving(), revision(1), stable_pods)
    rollout = assess(with_pods(acted(newer_version_arrived(old)), revision(2), pods))
    return is_ready_to_serve(rollout, rollout.candidate)


def test_a_candidate_needs_all_its_pods_beside_a_revision_that_answers():
    assert ready(2)
    assert not ready(1)
    assert not ready(1, stable_pods=1)


def test_one_pod_is_enough_where_no_other_answers():
    assert ready(1, stable_pods=0)
    assert not ready(0, stable_pods=0)
