"""The watch: the new revision has the traffic, and the former one stays ready to take it back."""

from dataclasses import replace

import pytest

from builders.model_deployment import (
    ROUTE,
    WITH_PROMETHEUS,
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
    version,
    with_pods,
    with_version,
)
from builders.rollout_evidence import answered, gates
from builders.rollout_plan import events, message, says
from perennial.api.model_deployment import ModelDeploymentStatus
from perennial.api.rollout import RolloutStep, Watch
from perennial.planning.model_deployment.plan import plan

FIRST, SECOND, THIRD = revision(1), revision(2), revision(3)


def spec_of(holdback=0, route=ROUTE, **fields):
    watch = Watch(duration="1h", holdback_percent=holdback)
    return canary(steps=(RolloutStep(weight=50),), route=route, watch=watch, **fields)


def grown(observed, of=SECOND):
    observed = acted(with_pods(observed, of, observed.running[of].wanted))
    return acted(proven(observed))


def watching(of=None):
    """Return a rollout whose last step has just moved the traffic."""
    observed = with_version(serving(of or spec_of(), WITH_PROMETHEUS), version(2))
    observed = grown(acted(observed))
    observed = acted(answered(acted(answered(observed)), *gates()))
    return grown(observed)


def weights(observed):
    return dict(observed.route.weights)


def test_the_new_revision_is_stable_and_the_former_one_keeps_its_pods():
    observed = watching()
    assert weights(observed) == {SECOND: 100}
    assert observed.status.stable.revision == SECOND
    assert observed.status.candidate is None
    assert observed.status.former.revision == FIRST
    assert observed.running[FIRST].wanted == 4
    assert observed.in_rotation == SECOND
    assert observed.status.history[0].revision == SECOND


def test_a_watch_is_ready_and_says_until_when():
    observed = watching()
    assert says(observed)["Ready"] == ("True", "Watching")
    assert says(observed)["Available"] == ("True", "Serving")
    assert "stays ready to return until" in message(observed, "Ready")


def test_after_the_watch_the_former_pods_go():
    over = settled(later(watching(), minutes=61))
    assert over.status.rollout is None
    assert over.status.stable.revision == SECOND
    assert settled(later(over, minutes=1)).running[FIRST].wanted == 0
    assert says(over)["Ready"] == ("True", "Serving")


def test_evidence_goes_on_in_a_step_of_its_own():
    asked = plan(watching()).question
    assert asked.steps == 2
    assert len(asked.step_starts) == 2
    assert asked.watch_start == asked.step_starts[-1]
    assert asked.source.stable == FIRST


def test_a_gate_that_fails_returns_the_traffic_by_the_same_path():
    failed = acted(answered(watching(), *gates(errors="Failed")))
    assert failed.status.rejected[0].revision == SECOND
    assert weights(failed) == {SECOND: 100}
    back = acted(failed)
    assert weights(back) == {FIRST: 100}
    assert back.status.stable.revision == FIRST
    assert ("Warning", "Rejected") in events(answered(watching(), *gates(errors="Failed")))
    assert SECOND in acted(later(back, minutes=1)).running
    assert SECOND not in acted(later(acted(proven(back)), minutes=1)).running


def test_a_holdback_keeps_its_share_on_the_former_revision():
    observed = watching(spec_of(holdback=2))
    assert weights(observed) == {FIRST: 2, SECOND: 98}
    over = settled(later(observed, minutes=61))
    assert weights(over) == {SECOND: 100}


def test_a_holdback_needs_a_route():
    observed = new(spec_of(holdback=2, route=None), configuration=WITH_PROMETHEUS)
    assert says(observed)["Stalled"] == ("True", "Unsupported")


def test_a_newer_version_begins_from_the_watched_one():
    observed = acted(with_version(watching(), version(3)))
    assert observed.status.stable.revision == SECOND
    assert observed.status.candidate.revision == THIRD
    assert weights(observed) == {SECOND: 100}


def test_a_revert_in_the_watch_returns_at_once():
    pinned = spec_of(wanted=version(1).name)
    observed = acted(respecified(watching(), pinned))
    observed = grown(observed, FIRST)
    assert weights(observed) == {FIRST: 100}
    assert observed.status.stable.revision == FIRST
    assert not observed.status.rejected


def test_a_lost_status_in_the_watch_moves_no_traffic():
    observed = acted(replace(watching(), status=ModelDeploymentStatus()))
    assert weights(observed) == {SECOND: 100}
    assert observed.status.stable.revision == SECOND


def test_the_former_revision_is_marked_and_can_return_later():
    over = settled(later(settled(later(watching(), minutes=61)), minutes=1))
    assert over.running[FIRST].served_until is not None
    assert over.running[SECOND].served_until is None


def test_pods_that_are_lost_in_the_watch_give_their_share_back():
    observed = acted(with_pods(watching(), SECOND, 1))
    assert sum(weights(observed).values()) == 100
    assert weights(observed)[FIRST] >= 50


@pytest.mark.parametrize("route", [ROUTE, None])
def test_a_switch_is_watched_too(route):
    watch = Watch(duration="1h")
    observed = serving(blue_green(watch=watch, route=route), WITH_PROMETHEUS)
    observed = grown(acted(with_version(observed, version(2))))
    assert observed.status.rollout.stage == "Watching"
    assert plan(observed).question.steps == 1
    assert observed.running[FIRST].wanted == 4


def test_scaling_to_zero_ends_a_watch():
    observed = settled(respecified(watching(), spec_of(replicas=0)))
    assert observed.status.stable.revision == SECOND
    assert observed.running[SECOND].wanted == 0
