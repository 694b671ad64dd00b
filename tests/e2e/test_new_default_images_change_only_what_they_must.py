"""An upgrade of Perennial: servers are rolled out like any change, and nothing is trained."""

import pytest

from builders import churn
from harness.callers import asking
from harness.team import Team, eventually

pytestmark = pytest.mark.e2e

PODS = "perennial.dev/kind=ModelDeployment"


def given_a_served_model(team: Team) -> None:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment())
    team.waits("ModelDeployment", "churn")


def test_a_new_server_image_is_rolled_out_and_no_request_fails(team, operator, address):
    given_a_served_model(team)
    served = team.kubectl.get("ModelDeployment", "churn")["status"]["stable"]
    pods = team.kubectl.all("Pod", labels=PODS)
    # The same image under another name: the node knows it by its digest too.
    other_name = pods[0]["status"]["containerStatuses"][0]["imageID"]
    customers = [
        {name: value for name, value in row.items() if name != "churned"}
        for row in churn.rows(3, seed=5)
    ]

    with asking(address("churn"), customers) as answers:
        operator.restart_with(server=other_name, server_sklearn=other_name)

        def takes_over(found) -> bool:
            return found["status"]["stable"]["revision"] != served["revision"]

        team.kubectl.wait_for("ModelDeployment", "churn", takes_over, 120)
        eventually(lambda: len(team.kubectl.all("Deployment")) == 1, "the old pods are gone", 90)

    told = team.kubectl.get("ModelDeployment", "churn")
    assert answers.failures == []
    assert list(answers.versions) == [served["version"]]
    assert told["status"]["stable"]["version"] == served["version"]
    assert len(team.kubectl.all("Job")) == 2, "a snapshot and a training"


def test_a_new_training_image_trains_nothing_and_moves_nothing(team, operator):
    given_a_served_model(team)
    before = team.kubectl.get("ModelDeployment", "churn")["status"]

    operator.restart_with(training="localhost/perennial-job:another")

    team.changes("Model", "churn", description="looked at again")
    team.waits("Model", "churn")
    assert len(team.versions("churn")) == 1
    assert len(team.kubectl.all("Job")) == 2, "a snapshot and a training"
    assert team.kubectl.get("ModelDeployment", "churn")["status"] == before
