"""Candidates with one fault each: evidence rejects them, and the way back loses no request."""

import time
from typing import Any

import pytest

from builders import churn
from harness.callers import Answers, asking
from harness.faulty import FaultyServer
from harness.servers.prometheus import ADDRESS
from harness.team import Team
from perennial.api.configuration import Prometheus, PrometheusServer

pytestmark = pytest.mark.e2e

CANARY = {
    "strategy": "Canary",
    "steps": [{"weight": 33}, {"weight": 50}],
    "analysis": {
        "interval": "5s",
        "minSamples": 200,
        "errors": {"floor": "0.01"},
        "refusals": {"floor": "0.01"},
    },
}
REASONS = {
    "crash": ("ServerCrashing", "exit code 3"),
    "memory": ("OutOfMemory", "memory"),
    "errors": ("GateFailed", "errors"),
    "slow": ("GateFailed", "latency"),
    "shifted": ("GateFailed", "predictions"),
    "workers": ("InternalError", ""),
}
SMALL = {"resources": {"requests": {"cpu": "50m"}, "limits": {"memory": "384Mi"}}}


def deployment(**spec: Any) -> dict[str, Any]:
    return churn.deployment(replicas=2, rollout=CANARY, server=SMALL, **spec)


def given_a_served_model_with_history(team: Team) -> str:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), deployment())
    return str(team.waits("ModelDeployment", "churn")["status"]["stable"]["revision"])


def customers() -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if key != "churned"}
        for row in churn.rows(10, seed=5)
    ]


def rejects(known: int):
    return lambda found: len(found["status"].get("rejected", ())) > known


def is_alone(revision: str):
    return lambda found: (
        found["status"]["stable"]["revision"] == revision and "candidate" not in found["status"]
    )


def test_each_fault_is_found_and_rolled_back(team, operator, cluster, address, capsys):
    for fault in REASONS:
        image = FaultyServer(fault)
        cluster.ensure_image(image, image.reference())
    operator.reconfigure(prometheus=Prometheus(default=PrometheusServer(url=ADDRESS)))
    old = given_a_served_model_with_history(team)

    with asking(address("churn"), customers()) as answers:
        time.sleep(20)  # stable's history
        for known, (fault, (reason, evidence)) in enumerate(REASONS.items()):
            before, began = failures(answers), time.monotonic()
            reference = FaultyServer(fault).reference()
            operator.restart_with(server=reference, server_sklearn=reference)
            found = team.kubectl.wait_for("ModelDeployment", "churn", rejects(known), 240)
            decided = time.monotonic() - began
            (verdict, *_) = found["status"]["rejected"]
            assert verdict["reason"] == reason, verdict
            assert evidence in verdict["message"]
            team.kubectl.wait_for("ModelDeployment", "churn", is_alone(old), 60)
            time.sleep(3)  # kept-alive connections leave
            after = failures(answers)
            with capsys.disabled():
                print(f"\n{fault}: {decided:.0f} s to the verdict, {after - before} failed")
            time.sleep(2)
            assert failures(answers) == after, "the rejected revision answers nobody"


def failures(answers: Answers) -> int:
    return len(answers.failures)
