"""A canary by pauses: traffic moves in steps, the old revision stays, and the way back is short."""

from typing import Any

import pytest

from builders import churn
from harness.callers import asking
from harness.rollouts import is_at, serves, starts_another_server, wanted_pods
from harness.team import Team, eventually

pytestmark = pytest.mark.e2e

PAUSE = "15s"
CANARY = {
    "strategy": "Canary",
    "steps": [
        {"weight": 33, "pause": {"for": PAUSE}},
        {"weight": 50, "pause": {"for": PAUSE}},
    ],
}
OF_TWO_PODS = {33: "1 of 3", 50: "2 of 4"}


def deployment(**spec: Any) -> dict[str, Any]:
    return churn.deployment(replicas=2, rollout=CANARY, **spec)


def given_a_served_model_with_a_canary(team: Team) -> str:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), deployment())
    return str(team.waits("ModelDeployment", "churn")["status"]["stable"]["revision"])


def customers() -> list[dict[str, Any]]:
    (row,) = churn.rows(1, seed=5)
    return [{key: value for key, value in row.items() if key != "churned"}]


def test_steps_are_taken_with_no_failed_request_and_a_revert_takes_none(team, address):
    old = given_a_served_model_with_a_canary(team)

    with asking(address("churn"), customers()) as answers:
        new = starts_another_server(team, deployment)
        for weight, pods in OF_TWO_PODS.items():
            found = team.kubectl.wait_for("ModelDeployment", "churn", is_at("Pausing", weight), 120)
            candidate, stable = found["status"]["candidate"], found["status"]["stable"]
            total = candidate["ready"] + stable["ready"]
            assert f"{candidate['ready']} of {total}" == pods
            assert candidate["weight"] + stable["weight"] == 100
        team.kubectl.wait_for("ModelDeployment", "churn", serves(new), 120)
        eventually(lambda: wanted_pods(team) == {old: 0, new: 2}, "the old pods are to go", 90)

        team.applies(deployment())
        team.kubectl.wait_for("ModelDeployment", "churn", serves(old), 60)
        eventually(lambda: wanted_pods(team) == {old: 2, new: 0}, "the new pods are to go", 90)

    assert answers.failures == []
    assert answers.count > 100


def test_a_revert_in_the_middle_leaves_the_stable_revision_untouched(team, address):
    old = given_a_served_model_with_a_canary(team)
    pods = {each["metadata"]["uid"] for each in team.kubectl.all("Pod")}

    with asking(address("churn"), customers()) as answers:
        starts_another_server(team, deployment)
        team.kubectl.wait_for("ModelDeployment", "churn", is_at("Pausing", 33), 120)
        team.applies(deployment())
        team.kubectl.wait_for("ModelDeployment", "churn", serves(old), 60)

    assert answers.failures == []
    assert wanted_pods(team)[old] == 2
    stable = {
        each["metadata"]["uid"]
        for each in team.kubectl.all("Pod", labels=f"perennial.dev/revision={old}")
    }
    assert stable <= pods
