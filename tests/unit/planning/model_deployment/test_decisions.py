"""What Decisions do to a rollout. Each is recorded before it has an effect."""

from dataclasses import replace
from datetime import timedelta

import pytest

from builders.decision import ALICE, admitted
from builders.model_deployment import (
    NAME,
    NOON,
    WITH_PROMETHEUS,
    acted,
    canary,
    later,
    proven,
    revision,
    serving,
    settled,
    steps,
    version,
    with_pods,
    with_version,
)
from builders.rollout_evidence import answered, gate, gates
from builders.rollout_plan import message, says
from perennial.api.decision import DecisionSpec
from perennial.api.rollout import Pause, RolloutStep
from perennial.planning.decision.decision import Decision
from perennial.planning.model_deployment.plan import plan

FIRST, SECOND = revision(1), revision(2)
JUDGED = canary(steps=(RolloutStep(weight=20), RolloutStep(weight=50)))
UNTIL = canary(steps=(RolloutStep(weight=20, pause=Pause(until="Decision")),))


def analyzing(of=JUDGED, configuration=WITH_PROMETHEUS):
    observed = acted(with_version(serving(of, configuration), version(2)))
    observed = acted(with_pods(observed, SECOND, observed.running[SECOND].wanted))
    observed = acted(proven(observed))
    return acted(answered(observed)) if configuration is WITH_PROMETHEUS else observed


def pausing(of):
    observed = acted(with_version(serving(of), version(2)))
    observed = acted(with_pods(observed, SECOND, observed.running[SECOND].wanted))
    return acted(proven(observed))


def decided(observed, verdict, of=SECOND, to=None):
    """Return the same after a person decided."""
    spec = DecisionSpec.model_validate(
        {
            "subject": {"kind": "ModelDeployment", "name": NAME, "revision": of},
            "verdict": verdict,
            "to": to and {"version": to},
            "by": ALICE,
            "reason": "as agreed",
        }
    )
    name = f"{verdict.lower()}-{len(observed.decisions)}"
    decision = Decision(name, f"uid-{name}", observed.now, spec, admitted())
    return replace(
        observed, decisions=(*observed.decisions, decision), created_at=NOON - timedelta(days=1)
    )


def weights(observed):
    return dict(observed.route.weights)


def grown(observed, of=SECOND):
    observed = acted(with_pods(observed, of, observed.running[of].wanted))
    return acted(proven(observed))


def test_a_decision_is_recorded_once_with_who_decided():
    observed = acted(decided(analyzing(), "Promote"))
    (record,) = observed.status.decisions
    assert (record.verdict, record.by, record.outcome) == ("Promote", ALICE, "Applied")
    assert len(acted(acted(observed)).status.decisions) == 1


def test_a_decision_about_another_revision_is_refused_and_has_no_effect():
    observed = acted(decided(analyzing(), "Promote", of="0123456789"))
    assert observed.status.decisions[0].outcome == "Refused"
    assert observed.status.rollout.step == 1


def test_promote_goes_to_all_traffic_without_the_gates():
    held = answered(analyzing(), *gates(errors="Inconclusive"))
    promoted = acted(decided(held, "Promote"))
    assert promoted.status.rollout.step == 3
    assert weights(promoted) == {FIRST: 80, SECOND: 20}
    assert grown(acted(promoted)).status.stable.revision == SECOND


def test_abort_rejects_the_candidate_and_names_who_did():
    aborted = acted(decided(analyzing(), "Abort"))
    (rejected,) = aborted.status.rejected
    assert (rejected.revision, rejected.reason) == (SECOND, "Aborted")
    assert rejected.message == f"by {ALICE} (Decision abort-0): as agreed"
    assert weights(aborted) == {FIRST: 80, SECOND: 20}
    assert weights(acted(aborted)) == {FIRST: 100}


@pytest.mark.parametrize("verdict", ["Retry", "Override"])
def test_a_rejected_revision_begins_again_at_step_one(verdict):
    rejected = settled(acted(acted(answered(analyzing(), *gates(errors="Failed")))))
    rejected = later(rejected, hours=1)
    assert says(rejected)["Degraded"] == ("True", "KnownBad")
    again = acted(acted(decided(rejected, verdict)))
    assert not again.status.rejected
    assert again.status.candidate.revision == SECOND
    assert again.status.rollout.step == 1
    assert again.status.rollout.overridden is (verdict == "Override")


def test_gates_only_inform_in_a_rollout_that_was_overridden():
    rejected = later(settled(acted(acted(answered(analyzing(), *gates(errors="Failed"))))), hours=1)
    again = grown(acted(acted(decided(rejected, "Override"))))
    again = acted(answered(again))
    failing = acted(answered(again, *gates(errors="Failed")))
    assert not failing.status.rejected
    assert failing.status.rollout.step == 2
    assert failing.status.overridden is None


def test_a_paused_rollout_is_held_until_it_is_resumed():
    paused = acted(decided(analyzing(), "Pause"))
    held = acted(answered(paused, *gates()))
    assert held.status.rollout.step == 1
    assert "a Decision paused the rollout" in message(held, "Ready") or held.status.rollout.paused
    resumed = acted(decided(later(held, minutes=1), "Resume"))
    assert acted(answered(resumed, *gates())).status.rollout.step == 2


def test_a_gate_still_rejects_a_paused_candidate():
    paused = acted(decided(analyzing(), "Pause"))
    assert acted(answered(paused, *gates(errors="Failed"))).status.rejected


def test_a_pause_until_a_decision_lasts_until_it_is_resumed():
    waiting = later(pausing(UNTIL), hours=10_000)
    assert acted(waiting).status.rollout.step == 1
    resumed = acted(acted(decided(waiting, "Resume")))
    assert resumed.status.rollout.step == 2


def test_a_pause_until_a_decision_needs_no_prometheus():
    assert "Stalled" not in says(serving(UNTIL))


def test_rollback_returns_to_a_former_version_by_grow_and_shift():
    promoted = pausing(canary(steps=steps(50, pause="1m")))
    promoted = grown(acted(later(promoted, minutes=2)))
    settled_on = settled(later(settled(promoted), hours=1))
    assert settled_on.status.stable.revision == SECOND
    assert settled_on.running[FIRST].wanted == 0
    begun = acted(decided(settled_on, "Rollback", to=version(1).name))
    assert begun.status.rejected[0].return_to == version(1).name
    growing = acted(begun)
    assert weights(growing) == {SECOND: 100}
    assert growing.running[FIRST].wanted == 4
    back = grown(growing, FIRST)
    assert weights(back) == {FIRST: 100}
    over = settled(later(settled(back), hours=1))
    assert over.status.stable.revision == FIRST
    assert SECOND not in over.running
    assert says(over)["Degraded"] == ("True", "KnownBad")


def test_a_gate_that_holds_is_passed_by_promote():
    held = answered(analyzing(), gate("errors", "Failed", "Hold"), *gates()[1:])
    assert acted(decided(held, "Promote")).status.rollout.step == 3


def test_what_decisions_record_changes_no_condition():
    before = says(answered(analyzing(), *gates(errors="Inconclusive")))
    observed = decided(answered(analyzing(), *gates(errors="Inconclusive")), "Pause")
    assert says(observed)["Ready"] == before["Ready"]
    assert plan(observed).requeue_after == timedelta(0)
