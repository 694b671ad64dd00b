"""Candidates with one fault each behind a Gateway: evidence rejects them, and they stay back."""

import time

import pytest

from harness import history, judged
from harness.faulty import FaultyServer
from harness.rollouts import serves, weights_in
from perennial.api.times import to_datetime

pytestmark = pytest.mark.e2e

QUICK = {
    "crash": ("ServerCrashing", "exit code 3"),
    "errors": ("GateFailed", "errors"),
    "shifted": ("GateFailed", "predictions"),
}
"""Faults, and the reason and the evidence of their verdicts."""
SLOWER = {
    "memory": ("OutOfMemory", "memory"),
    "slow": ("GateFailed", "latency"),
    "workers": ("ServerCrashing", "liveness"),
}
KINDS = ("ModelDeployment", "HTTPRoute")


@pytest.mark.parametrize("faults", [QUICK, pytest.param(SLOWER, marks=pytest.mark.long)])
def test_each_fault_is_found_and_the_way_back_loses_nothing(
    team, operator, cluster, capsys, faults
):
    for fault in faults:
        cluster.ensure_image(FaultyServer(fault), FaultyServer(fault).reference())
    judged.reads_prometheus(operator)
    good = judged.serves_a_model(team)

    with judged.clients(team) as answers, history.recording(team.kubectl, *KINDS) as seen:
        time.sleep(15)  # stable's history
        for known, (fault, (reason, evidence)) in enumerate(faults.items()):
            failed, began = len(answers.failures), time.monotonic()
            reference = FaultyServer(fault).reference()
            operator.restart_with(server=reference, server_sklearn=reference)
            found = team.kubectl.wait_for("ModelDeployment", "churn", judged.rejects(known), 240)
            (verdict, *_) = found["status"]["rejected"]
            assert verdict["reason"] == reason, verdict
            assert evidence in verdict["message"]
            decided = time.monotonic()
            team.kubectl.wait_for("ModelDeployment", "churn", serves(good), 60)
            time.sleep(4)
            answered = [each.at for each in answers.all if each.revision == verdict["revision"]]
            lost = len(answers.failures) - failed
            with capsys.disabled():
                print(
                    f"\n{fault}: verdict after {decided - began:.0f} s, last answer "
                    f"{max(answered) - decided:+.1f} s after it, {lost} failed requests"
                )
            time.sleep(2)
            assert len(answers.failures) == failed + lost, "a rejected revision answers nobody"
            assert to_datetime(verdict["at"])

    assert seen.gaps == []
    assert all(sum(weights.values()) == 100 for weights in weights_in(seen))
