"""No finalizer stands in the way of a person who wants something gone."""

import pytest

from builders import churn
from harness.kubectl import Kubectl

pytestmark = pytest.mark.e2e


def given_a_served_model(team):
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment(replicas=1))
    team.waits("ModelDeployment", "churn")


def test_every_kind_and_the_namespace_go_while_the_operator_is_stopped(team, operator):
    given_a_served_model(team)
    version = team.versions("churn")[0]["metadata"]["name"]
    operator.terminate()

    team.kubectl.delete("Model", "churn")
    team.kubectl.wait_gone("Model", "churn")
    team.kubectl.wait_gone("ModelVersion", version)
    (deployment,) = team.kubectl.all("Deployment", labels="perennial.dev/name=churn")
    assert deployment["status"]["readyReplicas"] == 1

    team.kubectl.delete("ModelDeployment", "churn")
    team.kubectl.wait_gone("ModelDeployment", "churn")
    team.kubectl.wait_gone("Deployment", deployment["metadata"]["name"])
    team.kubectl.delete("Dataset", "churn")
    team.kubectl.wait_gone("Dataset", "churn")
    everywhere = Kubectl(team.kubectl.api)
    everywhere.delete("Namespace", team.kubectl.namespace)
    everywhere.wait_gone("Namespace", team.kubectl.namespace, 120)


def test_deleting_a_model_leaves_it_served(team):
    given_a_served_model(team)

    team.kubectl.delete("Model", "churn")
    team.kubectl.wait_gone("Model", "churn")

    told = team.waits_for_reason("ModelDeployment", "churn", "ModelNotFound", 30)
    assert told["status"]["stable"]["ready"] == 1
