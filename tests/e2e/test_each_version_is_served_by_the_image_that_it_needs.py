"""A version that could be compiled is served without scikit-learn, any other one with it."""

import httpx
import pytest

from builders import churn
from harness.callers import asking
from harness.team import Team, eventually

pytestmark = pytest.mark.e2e

NEIGHBOURS = {"estimator": "KNeighborsClassifier", "parameters": {}}
CUSTOMERS = [
    {name: value for name, value in row.items() if name != "churned"}
    for row in churn.rows(20, seed=5)
]


def given_a_served_model(team: Team, recipe: dict) -> dict:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(recipe=recipe), churn.deployment())
    return team.waits("ModelDeployment", "churn")


def artifact_of(team: Team, deployment: dict) -> dict:
    version = deployment["status"]["stable"]["version"]
    return team.kubectl.get("ModelVersion", version)["spec"]["artifact"]


def images(team: Team) -> set[str]:
    pods = team.kubectl.all("Pod", labels="perennial.dev/kind=ModelDeployment")
    return {one["image"] for pod in pods for one in pod["spec"]["containers"]}


def test_a_version_moves_to_the_smaller_image_and_no_request_fails(team, operator, address):
    deployment = given_a_served_model(team, NEIGHBOURS)
    artifact = artifact_of(team, deployment)
    assert artifact["tier"] == "Encoded"
    assert "KNeighborsClassifier" in artifact["tierReason"]
    assert images(team) == {operator.configuration.images.server_sklearn}

    url = address("churn")
    with asking(url, CUSTOMERS) as answers:
        (described,) = httpx.get(f"{url}/v2/models/churn", trust_env=False).json()["versions"]
        assert described == deployment["status"]["stable"]["version"]
        assert 'tier="Encoded"' in httpx.get(f"{url}/metrics", trust_env=False).text
        team.changes("Model", "churn", training={"recipe": churn.logistic()})

        def takes_over(found) -> bool:
            return found["status"]["stable"]["version"] != described

        team.kubectl.wait_for("ModelDeployment", "churn", takes_over, 300)
        smaller = operator.configuration.images.server
        eventually(lambda: images(team) == {smaller}, "the old pods are gone", 90)
        assert 'tier="Compiled"' in httpx.get(f"{url}/metrics", trust_env=False).text

    assert answers.failures == []
    assert artifact_of(team, team.kubectl.get("ModelDeployment", "churn"))["tier"] == "Compiled"
