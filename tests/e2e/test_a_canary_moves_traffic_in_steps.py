"""A canary by pauses: traffic moves in steps, the old revision stays, and the way back is short."""

from typing import Any

import pytest

from builders import churn
from harness.callers import asking
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


def weight_is(weight: int):
    def is_reached(deployment: dict[str, Any]) -> bool:
        candidate = deployment["status"].get("candidate") or {}
        progress = deployment["status"].get("rollout") or {}
        return candidate.get("weight") == weight and progress.get("stage") == "Pausing"

    return is_reached


def serves(revision: str):
    return lambda found: (
        found["status"]["stable"]["revision"] == revision and "candidate" not in found["status"]
    )


def pods_of(team: Team) -> dict[str, int]:
    deployments = team.kubectl.all("Deployment", labels="perennial.dev/name=churn")
    return {
        each["metadata"]["labels"]["perennial.dev/revision"]: each["spec"]["replicas"]
        for each in deployments
    }


def rolls_out_another_server(team: Team) -> str:
    """Change a server setting; return the revision that it becomes."""
    team.applies(deployment(server={"pod": {"labels": {"tier": "gold"}}}))
    found = team.kubectl.wait_for(
        "ModelDeployment", "churn", lambda found: "candidate" in found["status"], 60
    )
    return str(found["status"]["candidate"]["revision"])


def test_steps_are_taken_with_no_failed_request_and_a_revert_takes_none(team, address):
    old = given_a_served_model_with_a_canary(team)

    with asking(address("churn"), customers()) as answers:
        new = rolls_out_another_server(team)
        for weight, pods in OF_TWO_PODS.items():
            found = team.kubectl.wait_for("ModelDeployment", "churn", weight_is(weight), 120)
            candidate, stable = found["status"]["candidate"], found["status"]["stable"]
            total = candidate["ready"] + stable["ready"]
            assert f"{candidate['ready']} of {total}" == pods
            assert candidate["weight"] + stable["weight"] == 100
        team.kubectl.wait_for("ModelDeployment", "churn", serves(new), 120)
        eventually(lambda: pods_of(team) == {old: 0, new: 2}, "the old revision has no pods", 90)

        team.applies(deployment())
        team.kubectl.wait_for("ModelDeployment", "churn", serves(old), 60)
        eventually(lambda: pods_of(team) == {old: 2, new: 0}, "the new revision has no pods", 90)

    assert answers.failures == []
    assert answers.count > 100


def test_a_revert_in_the_middle_leaves_the_stable_revision_untouched(team, address):
    old = given_a_served_model_with_a_canary(team)
    pods = {each["metadata"]["uid"] for each in team.kubectl.all("Pod")}

    with asking(address("churn"), customers()) as answers:
        rolls_out_another_server(team)
        team.kubectl.wait_for("ModelDeployment", "churn", weight_is(33), 120)
        team.applies(deployment())
        team.kubectl.wait_for("ModelDeployment", "churn", serves(old), 60)

    assert answers.failures == []
    assert pods_of(team)[old] == 2
    stable = {
        each["metadata"]["uid"]
        for each in team.kubectl.all("Pod", labels=f"perennial.dev/revision={old}")
    }
    assert stable <= pods
