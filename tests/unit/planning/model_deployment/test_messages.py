from builders.model_deployment import CRASH, acted, new, revision, serving, with_pods
from perennial.planning.model_deployment import messages
from perennial.planning.model_deployment.rollout import assess


def in_short(findings):
    return {kind: (finding.status, finding.reason) for kind, finding in findings.items()}


def test_what_the_spec_waits_for_is_reconciling_and_what_came_by_itself_is_not():
    assert "Reconciling" in in_short(messages.under_way(assess(new()), "Starting", "it starts"))
    assert in_short(messages.under_way(assess(serving()), "Starting", "it starts")) == {
        "Ready": ("True", "Serving")
    }


def test_what_holds_up_the_spec_is_reconciling_and_what_came_by_itself_is_degraded():
    assert (
        in_short(messages.held_up(assess(new()), "NoVersion", "none"))["Reconciling"][1]
        == "NoVersion"
    )
    assert in_short(messages.held_up(assess(serving()), "NoVersion", "none")) == {
        "Ready": ("True", "Serving"),
        "Degraded": ("True", "NoVersion"),
    }


def test_out_of_time_stalls_what_was_asked_for_and_whatever_leaves_nobody_answering():
    silent = with_pods(serving(), revision(1), ready=0)
    assert "Stalled" in in_short(messages.out_of_time(assess(new()), "no pods"))
    assert "Stalled" in in_short(messages.out_of_time(assess(silent), "no pods"))
    assert "Degraded" in in_short(messages.out_of_time(assess(serving()), "no pods"))


def test_the_state_of_a_revision_counts_its_pods_and_quotes_them():
    limping = assess(with_pods(serving(), revision(1), ready=1, blocker=CRASH))
    assert messages.state(limping, limping.stable) == f"1 of 2 pods are ready; {CRASH.message}"


def test_events_are_told_once():
    begun = acted(new())
    rollout = assess(begun)
    findings = messages.under_way(rollout, "Starting", "it starts")
    assert not list(messages.events(rollout, None, rollout.candidate, findings))
