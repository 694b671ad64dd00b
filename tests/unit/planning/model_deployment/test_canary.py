from dataclasses import replace
from datetime import timedelta

import pytest

from builders.model_deployment import (
    CRASH,
    NAME,
    NOON,
    ROUTE,
    acted,
    blue_green,
    canary,
    later,
    new,
    proven,
    respecified,
    revision,
    serving,
    settled,
    spec,
    version,
    with_pods,
    with_version,
)
from builders.rollout_plan import deleted, events, message, says
from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.planning.model_deployment.observed import RouteSeen
from perennial.planning.model_deployment.plan import plan
from perennial.planning.pod.blocker import Blocker

FIRST, SECOND, THIRD = revision(1), revision(2), revision(3)
EVICTED = Blocker("Evicted", "the node ran out of memory", NOON)


def growing(of=None):
    return acted(with_version(serving(of or canary(25, 50)), version(2)))


def shifting(of=None):
    observed = growing(of)
    return acted(with_pods(observed, SECOND, observed.running[SECOND].wanted))


def pausing(of=None):
    return acted(proven(shifting(of)))


def promoted(of=None):
    return settled_steps(pausing(of))


def settled_steps(observed):
    """Go through all steps, each with its pause."""
    for _ in range(12):
        for each in observed.running:
            observed = with_pods(observed, each, observed.running[each].wanted)
        observed = acted(later(proven(acted(observed)), minutes=11))
        if observed.status.candidate is None:
            return observed
    raise AssertionError("the rollout does not end")


def weights(observed):
    return dict(observed.route.weights)


# Steps


def test_pods_are_ready_before_the_weight_moves():
    assert growing().running[SECOND].wanted == 1
    assert weights(growing()) == {FIRST: 100}
    assert weights(shifting()) == {FIRST: 75, SECOND: 25}


def test_a_route_names_pods_two_seconds_after_they_became_ready():
    observed = with_pods(growing(), SECOND, 1)
    fresh = replace(observed.running[SECOND], ready_since=observed.now)
    young = replace(observed, running={**observed.running, SECOND: fresh})
    assert weights(acted(young)) == {FIRST: 100}
    assert plan(young).requeue_after == timedelta(seconds=2)
    assert weights(acted(later(young, seconds=2))) == {FIRST: 75, SECOND: 25}


def test_the_pause_begins_when_the_shift_is_proven():
    late = acted(proven(later(shifting(), minutes=5)))
    assert plan(late).requeue_after == timedelta(minutes=10)
    assert late.status.rollout.stage == "Pausing"
    assert acted(later(late, minutes=9)).status.rollout.step == 1
    assert acted(later(late, minutes=10)).status.rollout.step == 2


def test_the_candidate_is_promoted_once_the_gateway_gives_it_all_traffic():
    done = promoted()
    assert done.status.stable.revision == SECOND
    assert done.status.rollout is None
    assert done.in_rotation == SECOND
    assert weights(done) == {SECOND: 100}


def test_a_running_rollout_keeps_its_rules_and_the_next_one_gets_the_new_ones():
    changed = acted(respecified(pausing(), canary(10, 20, 30)))
    assert [step.weight for step in changed.status.rollout.steps] == [25, 50]
    next_one = acted(with_version(settled(settled_steps(changed)), version(3)))
    assert [step.weight for step in next_one.status.rollout.steps] == [10, 20, 30]


def test_a_paused_rollout_keeps_its_weights():
    held = acted(later(respecified(pausing(), canary(25, 50, paused=True)), hours=1))
    assert weights(held) == {FIRST: 75, SECOND: 25}
    assert held.status.rollout.step == 1
    assert held.status.rollout.stage == "Pausing"
    assert acted(respecified(held, canary(25, 50))).status.rollout.step == 2


def test_scaling_in_adds_pods_and_takes_none_before_the_rollout_is_over():
    scaled = acted(respecified(pausing(), canary(25, 50, replicas=2)))
    assert {of: running.wanted for of, running in scaled.running.items()} == {FIRST: 4, SECOND: 1}
    more = acted(respecified(pausing(), canary(25, 50, replicas=8)))
    assert {of: running.wanted for of, running in more.running.items()} == {FIRST: 8, SECOND: 2}


def test_one_pod_of_twenty_that_never_comes_does_not_block():
    observed = growing(blue_green(replicas=20))
    assert weights(acted(with_pods(observed, SECOND, 17, CRASH))) == {FIRST: 100}
    assert weights(acted(with_pods(observed, SECOND, 18, CRASH))) == {SECOND: 100}


def test_a_lost_status_begins_again_at_the_first_step():
    second = settled_to_step_two()
    lost = acted(acted(replace(second, status=ModelDeploymentStatus())))
    assert lost.status.stable.revision == FIRST
    assert lost.status.rollout.step == 1
    assert weights(lost)[FIRST] >= 75


def settled_to_step_two():
    observed = acted(later(pausing(), minutes=11))
    return acted(proven(acted(with_pods(observed, SECOND, 2))))


# The proof of a shift


def test_pods_stay_until_the_gateway_is_proven_to_use_the_weights():
    superseded = replace(acted(with_version(pausing(), version(3))), shift_seen=None)
    cut_off = later(superseded, hours=1)
    assert deleted(cut_off) == []
    gone_back = acted(replace(acted_by_user(pausing()), shift_seen=None))
    assert "waiting for Gateway edge/public" in message(gone_back, "Reconciling")
    assert deleted(later(acted(proven(cut_off)), seconds=15)) == [
        ("Deployment", f"{NAME}-{SECOND}"),
        ("Service", f"{NAME}-{SECOND}"),
    ]


def acted_by_user(observed):
    """Return the same after the user named the stable version."""
    back = canary(25, 50, wanted=version(1).name)
    return respecified(observed, back)


def test_the_marker_of_older_weights_proves_nothing():
    older = growing()
    stale = replace(shifting(), shift_seen=older.route.marker)
    assert acted(stale).status.rollout.stage == "Shifting"


def test_weights_that_no_status_recorded_need_a_proof_of_those_that_follow():
    lost = replace(shifting(), status=growing().status, shift_seen=None)
    back = acted(acted_by_user(lost))
    assert weights(back) == {FIRST: 100}
    assert deleted(later(back, hours=1)) == []
    assert deleted(later(acted(proven(back)), seconds=15)) == [
        ("Deployment", f"{NAME}-{SECOND}"),
        ("Service", f"{NAME}-{SECOND}"),
    ]


def test_the_message_quotes_what_the_gateway_finds_wrong():
    refused = replace(shifting().route, problem="no listener allows this")
    observed = respecified(replace(shifting(), route=refused), canary(25, 50, wanted="Latest"))
    late = later(observed, minutes=11)
    assert "no listener allows this" in message(late, "Degraded")


def test_a_gateway_that_cannot_be_probed_gets_time_after_it_accepted_the_route():
    observed = shifting()
    blind = replace(observed, route=replace(observed.route, is_probed=False, is_accepted=True))
    assert acted(later(blind, seconds=29)).status.rollout.stage == "Shifting"
    assert acted(later(blind, seconds=30)).status.rollout.stage == "Pausing"
    deaf = replace(blind, route=replace(blind.route, is_accepted=False))
    assert acted(later(deaf, minutes=1)).status.rollout.stage == "Shifting"


def test_a_first_deployment_is_ready_once_the_gateway_answers():
    observed = acted(with_pods(acted(new(canary())), FIRST, 4))
    answering = replace(observed, answers=True)
    assert says(answering)["Reconciling"] == ("True", "Shifting")
    assert says(acted(proven(answering)))["Ready"] == ("True", "Serving")


# Pods that are lost


def test_a_candidate_without_pods_returns_its_weight_at_once_and_resumes_its_step():
    silent = acted(with_pods(pausing(), SECOND, 0, EVICTED))
    assert weights(silent) == {FIRST: 100}
    assert says(silent)["Degraded"] == ("True", "Evicted")
    back = acted(with_pods(silent, SECOND, 1))
    assert weights(back) == {FIRST: 75, SECOND: 25}
    assert back.status.rollout.step == 1


def test_the_candidate_answers_while_stable_has_no_pods_and_is_not_promoted():
    alone = acted(with_pods(pausing(), FIRST, 0, CRASH))
    assert weights(alone) == {SECOND: 100}
    assert alone.status.stable.revision == FIRST
    assert says(alone)["Available"] == ("True", "Serving")
    assert weights(acted(with_pods(alone, FIRST, 4))) == {FIRST: 75, SECOND: 25}


# Superseded, and back to stable


def test_a_newer_version_takes_the_weight_away_and_starts_at_step_one():
    superseded = acted(with_version(pausing(), version(3)))
    assert weights(superseded) == {FIRST: 100}
    assert superseded.status.candidate.revision == THIRD
    assert superseded.status.rollout.step == 1
    assert SECOND in superseded.running
    assert ("Normal", "Superseded") in events(with_version(pausing(), version(3)))


def test_the_way_back_to_stable_returns_the_weight_and_settles():
    back = acted(acted_by_user(pausing()))
    assert weights(back) == {FIRST: 100}
    assert back.status.candidate is None
    done = acted(later(acted(proven(back)), seconds=16))
    assert set(done.running) == {FIRST}
    assert says(done)["Ready"] == ("True", "Serving")


# Former revisions


def test_a_former_revision_keeps_its_deployment_without_pods():
    done = acted(later(promoted(), seconds=16))
    assert done.running[FIRST].wanted == 0
    assert done.status.former.revision == FIRST
    assert done.status.former.since == done.running[FIRST].served_until
    assert acted(done) == done


def test_the_newest_former_revisions_are_kept():
    observed = serving(canary(25, 50, keep=1))
    for number in (2, 3):
        arrived = acted(with_version(observed, version(number)))
        observed = later(settled(later(settled_steps(arrived), minutes=1)), minutes=1)
    assert set(observed.running) == {SECOND, THIRD}


def test_none_is_kept_with_immediate():
    done = acted(later(promoted(), seconds=16))
    assert set(acted(respecified(done, spec(4, route=ROUTE))).running) == {SECOND}


def returning():
    done = acted(later(promoted(), seconds=16))
    back = canary(25, 50, wanted=version(1).name)
    return acted(respecified(done, back))


def test_a_former_revision_returns_without_steps_in_portions_that_its_pods_carry():
    assert returning().status.rollout.returning
    assert returning().running[FIRST].wanted == 4
    half = acted(with_pods(returning(), FIRST, 2))
    assert weights(half) == {SECOND: 45, FIRST: 55}
    whole = acted(proven(acted(with_pods(half, FIRST, 4))))
    assert whole.status.stable.revision == FIRST
    assert acted(whole).running[FIRST].served_until is None
    assert whole.status.former.revision == SECOND


def test_a_crash_before_the_promotion_is_recorded_forgets_nothing():
    last = promoted_but_unrecorded()
    assert last.status.stable.revision == SECOND
    assert last.running[FIRST].served_until
    assert last.status.former.revision == FIRST


def promoted_but_unrecorded():
    before = shifting(blue_green())
    after = acted(proven(before))
    return acted(replace(after, status=before.status))


# Without a route


def test_replicas_make_the_share_behind_the_service():
    observed = shifting(canary(20, 50, route=None))
    assert observed.in_rotation is None
    assert observed.stable_mark == FIRST
    assert observed.status.candidate.weight == 20


def test_a_superseded_share_is_pinned_to_stable_before_its_pods_go():
    shared = acted(shifting(canary(20, 50, route=None)))
    pinned = acted(with_version(shared, version(3)))
    assert pinned.in_rotation == FIRST
    assert SECOND not in pinned.running


def test_a_lost_status_finds_stable_by_the_mark_while_the_service_is_shared():
    shared = shifting(canary(20, 50, route=None))
    lost = acted(replace(shared, status=ModelDeploymentStatus()))
    assert lost.status.stable.revision == FIRST
    assert lost.in_rotation == FIRST


def test_a_service_is_not_shared_while_the_revision_before_still_drains():
    shared = promoted(canary(20, 50, route=None))
    third = acted(with_version(shared, version(3)))
    ready = acted(with_pods(third, THIRD, 1))
    assert ready.in_rotation == SECOND
    assert acted(later(ready, seconds=15)).running[FIRST].wanted == 0
    emptied = with_pods(acted(later(ready, seconds=15)), FIRST, 0)
    assert acted(emptied).in_rotation is None


# What cannot be done


@pytest.mark.parametrize(
    ("of", "part"),
    [
        (canary(5, replicas=2, route=None), "2 replicas cannot express the weight 5"),
        (canary(steps=()), "each step of a Canary needs a pause"),
    ],
)
def test_what_the_data_plane_cannot_do_is_refused_and_stable_serves_on(of, part):
    refused = acted(respecified(serving(), of))
    assert says(refused)["Stalled"] == ("True", "Unsupported")
    assert says(refused)["Available"] == ("True", "Serving")
    assert part in message(refused, "Stalled")
    assert acted(with_version(refused, version(2))).status.candidate is None


def test_a_route_that_is_removed_from_the_spec_is_deleted():
    without = respecified(serving(canary()), canary(20, 50, route=None))
    assert ("HTTPRoute", NAME) in deleted(without)
    assert isinstance(serving(canary()).route, RouteSeen)
