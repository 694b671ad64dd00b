"""A canary whose steps are judged by gates."""

from dataclasses import replace
from datetime import timedelta

import pytest

from builders.model_deployment import (
    NOON,
    ROUTE,
    WITH_PROMETHEUS,
    acted,
    canary,
    later,
    new,
    proven,
    respecified,
    revision,
    serving,
    settled,
    spec,
    steps,
    version,
    with_pods,
    with_version,
)
from builders.rollout_evidence import answered, gate, gates
from builders.rollout_plan import events, message, says
from perennial.api.model_deployment import ModelDeploymentStatus, Server
from perennial.api.model_version import Rejection
from perennial.api.rollout import RolloutStep
from perennial.planning.model_deployment.plan import plan
from perennial.planning.pod.blocker import Blocker

FIRST, SECOND, THIRD = revision(1), revision(2), revision(3)
CRASHING = Blocker("ServerCrashing", "container server ended with exit code 1", NOON)
KILLED = Blocker("OutOfMemory", "container server needs more memory", NOON)
EVICTED = Blocker("Evicted", "the node ran out of memory", NOON)


def judged(**analysis):
    """Return a canary with two steps and without pauses."""
    unpaused = tuple(RolloutStep(weight=weight) for weight in (20, 50))
    fields = {"analysis": analysis} if analysis else {}
    return canary(steps=unpaused, **fields)


def growing(of=None):
    observed = serving(of or judged(), configuration=WITH_PROMETHEUS)
    return acted(with_version(observed, version(2)))


def analyzing(of=None):
    """Return a rollout whose first step has its traffic, and stable's baseline."""
    observed = growing(of)
    observed = acted(with_pods(observed, SECOND, observed.running[SECOND].wanted))
    observed = acted(proven(observed))
    return acted(answered(observed))


def grown(observed):
    """Return the rollout when the pods of its step are ready and its traffic has moved."""
    observed = acted(with_pods(observed, SECOND, observed.running[SECOND].wanted))
    return acted(proven(observed))


def weights(observed):
    return dict(observed.route.weights)


def rejected(**outcomes):
    """Return a rollout after a verdict was recorded."""
    return acted(answered(analyzing(), *gates(**(outcomes or {"errors": "Failed"}))))


# Strategy and steps


def test_with_prometheus_a_canary_is_the_default_and_its_steps_have_gates():
    observed = growing(spec(4, route=ROUTE))
    progress = observed.status.rollout
    assert observed.status.strategy == "Canary"
    assert [step.weight for step in progress.steps] == [5, 25, 50]
    assert progress.analysis.interval == "15s"


def test_without_a_route_the_default_steps_are_what_replicas_can_express():
    progress = growing(spec(2)).status.rollout
    assert [step.weight for step in progress.steps] == [33, 50]


def test_immediate_needs_no_prometheus_and_asks_nothing():
    observed = growing(spec(4, route=ROUTE, strategy="Immediate"))
    assert observed.status.rollout.analysis is None
    assert plan(observed).question is None


def test_a_running_rollout_keeps_the_rules_that_it_began_with():
    observed = respecified(analyzing(), judged(minSamples=9))
    assert acted(observed).status.rollout.analysis.min_samples == 500


# Evidence


def test_evidence_begins_when_the_first_weight_is_proven():
    observed = growing()
    assert plan(observed).question is None
    observed = acted(with_pods(observed, SECOND, 1))
    assert plan(observed).question is None
    observed = acted(later(proven(observed), seconds=7))
    asked = plan(observed).question
    assert asked.source.begin == observed.now
    assert asked.baseline is None


def test_the_baseline_is_recorded_before_a_gate_is_judged_by_it():
    observed = grown(growing())
    looked = acted(answered(observed, *gates()))
    assert looked.status.rollout.baseline.latency_bound == "0.05"
    assert looked.status.rollout.gates == ()
    assert looked.status.rollout.stage == "Analyzing"


def test_gates_that_have_passed_lead_to_the_next_step():
    second = acted(answered(analyzing(), *gates()))
    assert (second.status.rollout.step, second.status.rollout.stage) == (2, "Growing")
    second = grown(second)
    assert weights(second) == {FIRST: 50, SECOND: 50}
    assert len(second.status.rollout.step_starts) == 2


def test_an_answer_to_an_earlier_question_passes_no_step():
    first = answered(analyzing(), *gates())
    second = grown(replace(acted(first), answer=first.answer))
    assert second.status.rollout.step == 2
    assert acted(second).status.rollout.step == 2


def test_the_last_step_moves_all_traffic_and_promotes():
    second = grown(acted(answered(analyzing(), *gates())))
    last = grown(acted(answered(second, *gates())))
    assert last.status.stable.revision == SECOND
    assert last.status.rollout is None
    assert plan(last).question is None


@pytest.mark.parametrize("outcome", ["Inconclusive", "NoData", "TooFewSamples"])
def test_a_step_waits_for_each_required_gate(outcome):
    observed = acted(answered(analyzing(), *gates(latency=outcome)))
    assert observed.status.rollout.stage == "Analyzing"
    assert observed.status.rollout.gates[2].outcome == outcome


def test_a_gate_that_informs_holds_nothing():
    found = (*gates()[:3], gate("predictions", "Failed", "Inform"))
    assert acted(answered(analyzing(), *found)).status.rollout.step == 2


def test_a_pause_lasts_although_the_gates_have_passed():
    paused = canary(steps=steps(20, pause="10m"))
    observed = acted(answered(analyzing(paused), *gates()))
    assert observed.status.rollout.step == 1
    after = later(observed, minutes=11)
    assert acted(answered(after, *gates())).status.rollout.step == 2


def test_what_a_step_waits_for_is_said_to_whoever_changed_the_spec():
    observed = respecified(serving(judged(), WITH_PROMETHEUS), judged())
    changed = observed.spec.model_copy(update={"server": Server(workers=2)})
    observed = acted(replace(observed, spec=changed))
    new_revision = observed.status.candidate.revision
    observed = acted(with_pods(observed, new_revision, 1))
    observed = acted(proven(observed))
    observed = acted(answered(observed))
    looked = answered(observed, *gates(errors="Inconclusive"))
    assert says(looked)["Reconciling"] == ("True", "Analyzing")
    assert "gate errors Inconclusive: it Inconclusive" in message(looked, "Reconciling")


def test_data_that_is_missing_for_a_minute_is_reported():
    observed = answered(later(analyzing(), minutes=2), *gates(errors="NoData"))
    assert says(observed)["Degraded"] == ("True", "NoData")


# Verdicts


def test_a_verdict_is_recorded_before_the_traffic_moves():
    observed = rejected()
    assert observed.status.rejected[0].revision == SECOND
    assert observed.status.rejected[0].reason == "GateFailed"
    assert weights(observed) == {FIRST: 80, SECOND: 20}
    assert plan(answered(analyzing(), *gates(errors="Failed"))).requeue_after == timedelta(0)
    back = acted(observed)
    assert weights(back) == {FIRST: 100}
    assert back.status.candidate is None


def test_a_verdict_states_the_evidence_in_an_event():
    observed = answered(analyzing(), *gates(errors="Failed"))
    assert ("Warning", "Rejected") in events(observed)
    assert ("Warning", "RolledBack") in events(acted(observed))
    recorded = acted(observed).status.rejected[0].message
    assert recorded == "at 20 % of the traffic: gate errors: it Failed"


def test_the_pods_of_a_rejected_revision_stay_until_the_shift_is_proven():
    back = acted(rejected())
    assert SECOND in acted(later(back, minutes=1)).running
    settled_again = acted(later(acted(proven(back)), minutes=1))
    assert SECOND not in settled_again.running


def test_a_rejected_revision_stays_back():
    back = settled(acted(rejected()))
    for observed in (back, later(back, hours=5), replace(back, answer=None)):
        assert weights(acted(observed)) == {FIRST: 100}
        assert says(observed)["Degraded"] == ("True", "KnownBad")
        assert says(observed)["Ready"] == ("True", "Serving")
    assert "was rejected on" in message(back, "Degraded")


def test_no_pause_keeps_the_traffic_of_a_rejected_revision():
    newer = with_version(rejected(), version(3))
    held = acted(respecified(newer, judged().model_copy(update={"paused": True})))
    assert weights(held) == {FIRST: 100}
    assert says(held)["Reconciling"] == ("True", "Paused")
    assert held.status.candidate is None


def test_a_newer_target_takes_no_traffic_from_a_candidate_that_answers_alone():
    alone = acted(with_pods(analyzing(), FIRST, 0))
    assert weights(alone) == {SECOND: 100}
    waiting = acted(with_version(alone, version(3)))
    assert waiting.status.candidate.revision == SECOND
    assert weights(waiting) == {SECOND: 100}
    begun = acted(proven(waiting))
    assert weights(begun) == {SECOND: 100}
    assert begun.status.stable.revision == SECOND
    assert begun.status.candidate.revision == THIRD


def test_traffic_returns_to_a_wanted_revision_only_when_its_pods_are_ready():
    alone = acted(with_pods(analyzing(), FIRST, 0))
    pinned = judged().model_copy(update={"model": spec(wanted="flight-delay-v1").model})
    waiting = acted(respecified(alone, pinned))
    assert weights(waiting) == {SECOND: 100}
    assert message(waiting, "Ready") == "0 of 4 pods are ready"
    back = acted(with_pods(waiting, FIRST, 4))
    assert weights(back) == {FIRST: 100}
    assert back.status.candidate is None


def test_whoever_asked_for_a_rejected_revision_is_told_that_it_failed():
    observed = serving(judged(), WITH_PROMETHEUS)
    changed = observed.spec.model_copy(update={"server": Server(workers=2)})
    observed = acted(respecified(observed, changed))
    other = observed.status.candidate.revision
    observed = acted(proven(acted(with_pods(observed, other, 1))))
    observed = acted(answered(acted(answered(observed)), *gates(errors="Failed")))
    assert says(observed)["Stalled"] == ("True", "KnownBad")
    assert says(observed)["Available"] == ("True", "Serving")


def test_a_newer_version_begins_afresh_after_a_rejected_one():
    observed = acted(with_version(settled(acted(rejected())), version(3)))
    assert observed.status.candidate.revision == THIRD
    assert observed.status.rollout.step == 1


@pytest.mark.parametrize("lost", [{"status": ModelDeploymentStatus()}, {"stable_mark": None}])
def test_a_lost_status_brings_no_rejected_revision_back(lost):
    observed = settled(acted(rejected()))
    remembered = remembered_by_its_version(observed)
    again = settled(replace(remembered, **lost))
    assert weights(again) == {FIRST: 100}
    assert again.status.rejected[0].revision == SECOND


def remembered_by_its_version(observed):
    """Return the same after the ModelVersion's reconciler has copied the rejection."""
    (found,) = observed.status.rejected
    copied = Rejection(
        deployment=observed.name,
        revision=found.revision,
        at=found.at,
        reason=found.reason,
        message=found.message,
    )
    newer = version(2)
    kept = replace(newer, status=newer.status.model_copy(update={"rejections": (copied,)}))
    return with_version(observed, kept)


def test_a_first_deployment_passes_over_what_its_namesake_rejected():
    both = remembered_by_its_version(settled(acted(rejected()))).versions
    assert (
        settled(new(judged(), *both, configuration=WITH_PROMETHEUS)).status.stable.revision == FIRST
    )
    only = [each for each in both if each.name == version(2).name]
    assert says(new(judged(), *only, configuration=WITH_PROMETHEUS))["Stalled"] == (
        "True",
        "KnownBad",
    )
    pinned = judged().model_copy(
        update={"model": judged().model.model_copy(update={"version": version(2).name})}
    )
    assert says(new(pinned, *both, configuration=WITH_PROMETHEUS))["Stalled"] == (
        "True",
        "KnownBad",
    )


@pytest.mark.parametrize(
    ("blocker", "ready", "reason"),
    [
        (CRASHING, 0, "ServerCrashing"),
        (KILLED, 0, "OutOfMemory"),
    ],
)
def test_a_candidate_that_breaks_at_weight_is_rejected(blocker, ready, reason):
    observed = acted(with_pods(analyzing(), SECOND, ready, blocker))
    assert observed.status.rejected[0].reason == reason


def test_a_crash_loop_beside_pods_that_answer_is_rejected():
    second = grown(acted(answered(analyzing(), *gates())))
    once = with_pods(second, SECOND, 1, CRASHING)
    assert not acted(once).status.rejected
    looping = replace(once.running[SECOND], restarts=2)
    again = replace(once, running={**once.running, SECOND: looping})
    assert acted(again).status.rejected[0].reason == "ServerCrashing"


def test_what_the_cluster_does_to_a_candidate_is_not_remembered():
    observed = acted(with_pods(analyzing(), SECOND, 0, EVICTED))
    assert not observed.status.rejected
    assert weights(observed) == {FIRST: 100}
    resumed = grown(observed)
    assert resumed.status.rollout.step == 1
    assert len(resumed.status.rollout.step_starts) == 1


def test_a_candidate_that_never_had_weight_waits_and_heals():
    observed = acted(with_pods(growing(), SECOND, 0, CRASHING))
    assert not observed.status.rejected
    assert observed.status.candidate.revision == SECOND


def test_a_gate_that_holds_waits_for_a_person():
    held = (gate("errors", "Failed", "Hold"), *gates()[1:])
    observed = acted(answered(analyzing(), *held))
    assert not observed.status.rejected
    assert weights(observed) == {FIRST: 80, SECOND: 20}
    assert says(answered(observed, *held))["Degraded"] == ("True", "GateFailed")


# Without a result


def undecided(rule, outcome="Inconclusive"):
    observed = later(analyzing(judged(onInconclusive=rule, maxDuration="1h")), hours=2)
    return answered(observed, *gates(errors=outcome))


def test_a_step_without_a_result_holds():
    observed = acted(undecided("Hold"))
    assert observed.status.rollout.step == 1
    assert says(undecided("Hold"))["Degraded"] == ("True", "Inconclusive")


def test_a_step_without_a_result_is_promoted_where_the_rules_say_so():
    assert acted(undecided("Promote")).status.rollout.step == 2
    assert acted(undecided("Promote", "TooFewSamples")).status.rollout.step == 2


def test_a_step_without_a_result_is_rolled_back_where_the_rules_say_so():
    assert acted(undecided("Rollback")).status.rejected[0].reason == "Inconclusive"


@pytest.mark.parametrize("rule", ["Promote", "Rollback"])
def test_missing_data_never_passes_and_never_fails(rule):
    observed = acted(undecided(rule, "NoData"))
    assert observed.status.rollout.step == 1
    assert not observed.status.rejected
