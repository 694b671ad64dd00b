"""A pod that is deleted answers what was asked of it, and callers are told to go elsewhere."""

import pytest

from builders import churn
from harness.callers import asking
from harness.team import Team, eventually

pytestmark = pytest.mark.e2e

SERVERS = "perennial.dev/kind=ModelDeployment,perennial.dev/name=churn"


def given_a_served_model(team: Team) -> str:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment())
    return str(team.waits("ModelDeployment", "churn")["status"]["stable"]["version"])


def customers() -> list[dict]:
    table = churn.rows(3, seed=5)
    return [{key: value for key, value in row.items() if key != "churned"} for row in table]


def test_no_request_fails_while_each_pod_is_deleted_in_its_turn(team, address):
    version = given_a_served_model(team)
    team.changes("ModelDeployment", "churn", replicas=2)
    first = names(team)

    with asking(address("churn"), customers()) as answers:
        for name in sorted(first):
            two_are_ready(team)
            team.kubectl.delete("Pod", name)
            team.kubectl.wait_gone("Pod", name, 90)
        two_are_ready(team)

    assert answers.failures == []
    assert answers.count > 100
    assert list(answers.versions) == [version]
    assert not first & names(team)


def names(team: Team) -> set[str]:
    two_are_ready(team)
    return {pod["metadata"]["name"] for pod in team.kubectl.all("Pod", labels=SERVERS)}


def two_are_ready(team: Team) -> None:
    def ready() -> bool:
        pods = team.kubectl.all("Pod", labels=SERVERS)
        return len(pods) == 2 and all(is_ready(pod) for pod in pods)

    eventually(ready, "two pods are ready, and no other is there", 90)


def is_ready(pod: dict) -> bool:
    stated = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in stated)
