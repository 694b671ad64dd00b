"""What gates make of the counts of a rollout."""

from dataclasses import replace
from datetime import timedelta

import pytest

from builders.rollout_evidence import ALONE, COMPARED, blocks, question
from perennial.planning.model_deployment.gates.evaluate import evaluate, tests_of
from perennial.planning.model_deployment.question import Versions

tests_of.__test__ = False
FAILING = {"errors": (30, 9)}


def judge(asked, counts, missing="", left=None):
    found = evaluate(asked, tests_of(asked, counts), missing, left)
    return {gate.name: gate for gate in found}


def outcomes(asked, counts, missing=""):
    return {name: gate.outcome for name, gate in judge(asked, counts, missing).items()}


def test_equal_revisions_pass_all_gates():
    asked = question(predictions={"maxShift": "0.10", "onFailed": "Hold"})
    assert set(outcomes(asked, blocks(80)).values()) == {"Passed"}


def test_a_candidate_with_more_errors_fails_with_its_numbers():
    gate = judge(question(), blocks(10, events=FAILING))["errors"]
    assert (gate.outcome, gate.on_failed, gate.measure) == ("Failed", "Rollback", "Ratio")
    assert float(gate.estimate) == pytest.approx(30)
    assert float(gate.low) > 1
    assert gate.samples == 1000
    assert gate.message.startswith("30 times stable's rate of failed requests, certainly more")


def test_each_gate_is_judged_by_its_own_events():
    for gate in ("errors", "refusals", "latency"):
        found = outcomes(question(), blocks(10, events={gate: (30, 9)}))
        assert [name for name, outcome in found.items() if outcome == "Failed"] == [gate]


def test_a_rate_below_the_floor_never_fails():
    few = blocks(40, events={"latency": (1, 0)})
    assert outcomes(question(), few)["latency"] == "Passed"


def test_a_rollback_needs_no_minimum_of_samples_but_a_promotion_does():
    few = question(minSamples=100_000)
    assert outcomes(few, blocks(80))["errors"] == "TooFewSamples"
    assert outcomes(few, blocks(10, events=FAILING))["errors"] == "Failed"


def test_a_gate_that_has_failed_once_has_failed():
    counts = [*blocks(10, events=FAILING), *blocks(100, first=10)]
    assert outcomes(question(), counts)["errors"] == "Failed"


def test_without_blocks_there_is_no_data():
    assert set(outcomes(question(), []).values()) == {"NoData"}


def test_missing_data_overrules_what_was_seen_before_but_a_failure_stays_recorded_first():
    asked = question(predictions={"maxShift": "0.10", "onFailed": "Hold"})
    found = judge(asked, blocks(80), "no sample of revision bbbbbbbbbb for 3 intervals")
    assert {gate.outcome for gate in found.values()} == {"NoData"}
    assert "3 intervals" in found["errors"].message


def test_a_shift_fails_with_its_size():
    shifted = blocks(20, classes=((90, 10), (450, 450)))
    asked = question(predictions={"maxShift": "0.10", "onFailed": "Rollback"})
    gate = judge(asked, shifted)["predictions"]
    assert (gate.outcome, gate.measure, gate.limit) == ("Failed", "Shift", "0.1")
    assert float(gate.low) > 0.1


def test_without_a_limit_a_shift_only_informs():
    gate = judge(question(), blocks(20, classes=((90, 10), (450, 450))))["predictions"]
    assert (gate.outcome, gate.on_failed) == ("Failed", "Inform")


def test_without_a_baseline_only_absolute_errors_count():
    found = judge(question(baseline=ALONE), blocks(150))
    assert found["errors"].outcome == "Passed"
    assert {found[name].on_failed for name in ("refusals", "latency", "predictions")} == {"Inform"}
    assert "nothing to compare with" in found["latency"].message
    failing = outcomes(question(baseline=ALONE), blocks(10, events=FAILING))
    assert failing["errors"] == "Failed"


def test_without_a_bound_latency_informs():
    unknown = COMPARED.model_copy(update={"latency_bound": None})
    gate = judge(question(baseline=unknown), blocks(40))["latency"]
    assert (gate.outcome, gate.on_failed) == ("NoData", "Inform")


def test_evidence_of_a_late_step_is_its_own():
    quiet = blocks(40)
    late = [*quiet, *blocks(8, events=FAILING, first=40)]
    assert outcomes(question(steps=2, begun=2), late)["errors"] == "Failed"


def test_a_step_without_blocks_of_its_own_has_not_passed():
    assert outcomes(question(steps=2, begun=2), blocks(40))["errors"] == "Inconclusive"


def test_the_time_left_is_shown_while_a_gate_is_open():
    left = {"errors": timedelta(seconds=95), "latency": timedelta(minutes=9)}
    counts = blocks(2)
    found = judge(question(), counts, left=left)
    assert found["errors"].time_left == "95s"
    assert found["latency"].time_left == "9m"
    assert judge(question(), blocks(80), left=left)["errors"].time_left is None


def test_a_query_shows_the_counts_of_the_own_namespace():
    found = judge(question(), blocks(2))
    for gate in found.values():
        assert 'namespace="team-a",deployment="delays"' in gate.query
    assert 'outcome="refused"' in found["refusals"].query
    assert 'le="0.05"' in found["latency"].query


def test_results_fit_into_a_status():
    found = evaluate(question(), tests_of(question(), blocks(80)), "")
    assert sum(len(gate.model_dump_json()) for gate in found) < 4000


REBOOKED = {"custom": [{"name": "rebooked", "numerator": "a_total", "denominator": "b_total"}]}


def test_a_gate_on_counters_of_the_team_is_judged_like_the_others():
    asked = question(**REBOOKED)
    assert judge(asked, blocks(240, events={"rebooked": (0, 0)}))["rebooked"].outcome == "Passed"
    failing = judge(asked, blocks(10, events={"rebooked": (30, 9)}))["rebooked"]
    assert (failing.outcome, failing.on_failed) == ("Failed", "Rollback")
    assert failing.query.startswith("sum by (version) (rate(a_total[5m])) / sum by (version)")


def test_a_counter_without_recent_samples_holds_its_own_gate_only():
    counts = blocks(80, missing_of={"rebooked": "no recent sample"})
    asked = question(**REBOOKED)
    found = evaluate(asked, tests_of(asked, counts), "", missing_of=counts[-1].missing_of)
    by_name = {gate.name: gate for gate in found}
    assert by_name["rebooked"].outcome == "NoData"
    assert by_name["errors"].outcome == "Passed"


def test_counters_cannot_tell_revisions_of_one_version_apart():
    asked = question(**REBOOKED)
    one = replace(asked, source=replace(asked.source, versions=Versions("v1", "v1")))
    gate = judge(one, blocks(80))["rebooked"]
    assert (gate.outcome, gate.on_failed) == ("NoData", "Inform")
    assert "cannot tell apart" in gate.message


def watched(number, events):
    """Return a step with traffic of both revisions, and a watch without any of stable."""
    step = blocks(40, events={"errors": (1, 9)})
    alone = blocks(number, trials=(1000, 0), events={"errors": (events, 0)}, first=40)
    asked = question(steps=2, begun=2)
    return replace(asked, watch_start=asked.step_starts[-1]), [*step, *alone]


def test_a_fault_that_begins_in_the_watch_is_found_without_stable_beside():
    asked, counts = watched(10, events=60)
    gate = judge(asked, counts)["errors"]
    assert (gate.outcome, gate.measure) == ("Failed", "Rate")


def test_the_rate_of_the_last_step_goes_on_in_the_watch():
    asked, counts = watched(100, events=10)
    assert judge(asked, counts)["errors"].outcome != "Failed"


def test_with_a_holdback_the_watch_compares_as_the_steps_do():
    step = blocks(40, events={"errors": (1, 9)})
    held = blocks(20, trials=(980, 20), events={"errors": (98, 0)}, first=40)
    asked = question(steps=2, begun=2)
    asked = replace(asked, watch_start=asked.step_starts[-1])
    assert len(tests_of(asked, [*step, *held])["errors"]) == 1
