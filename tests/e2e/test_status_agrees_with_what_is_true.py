"""Whoever waits for Ready, by kubectl or by kstatus' rules, can rely on it the moment it comes."""

import pytest

from builders import churn
from harness import programs, reach, witness
from harness.team import Team

pytestmark = pytest.mark.e2e

ANSWERS = "/v2/models/churn/ready"


def given_three_manifests(team: Team) -> None:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment())


def kubectl_waits(cluster, team: Team, *objects: str) -> None:
    where = ["--namespace", team.kubectl.namespace, "--timeout=300s"]
    programs.run([*cluster.kubectl(), "wait", *where, "--for=condition=Ready", *objects])


def serves(version: str):
    def is_served(found) -> bool:
        status = found["status"]
        return status["stable"]["version"] == version and "candidate" not in status

    return is_served


def test_the_address_answers_the_moment_that_kubectl_wait_ends(cluster, team):
    given_three_manifests(team)

    kubectl_waits(cluster, team, "modeldeployment/churn")

    assert reach.answers(team.kubectl, "churn", ANSWERS)
    (version,) = team.versions("churn")
    named = f"modelversion/{version['metadata']['name']}"
    kubectl_waits(cluster, team, "dataset/churn", "model/churn", named)


def test_no_status_is_ahead_of_the_truth_whatever_is_changed(team, truth):
    with witness.watching(team.kubectl, truth.lacks) as seen:
        given_three_manifests(team)
        team.waits("ModelDeployment", "churn")
        team.applies(churn.model(recipe=churn.logistic(C="0.5")))
        team.waits("Model", "churn")
        newest = team.versions("churn")[-1]["metadata"]["name"]
        team.kubectl.wait_for("ModelDeployment", "churn", serves(newest), 180)
        team.kubectl.scale("ModelDeployment", "churn", 3)
        team.waits("ModelDeployment", "churn")
        team.changes("Dataset", "churn", quality={"minRows": 1_000_000})
        team.waits_for_reason("Dataset", "churn", "QualityFailed")
        team.changes("ModelDeployment", "churn", model={"version": "churn-00000000"})
        team.waits_for_reason("ModelDeployment", "churn", "VersionNotFound")
        team.changes("Dataset", "churn", quality={"minRows": 10})
        team.changes("ModelDeployment", "churn", model={"version": "Latest"})
        for kind in ("Dataset", "Model", "ModelDeployment"):
            team.waits(kind, "churn")

    assert seen.objections == []
    assert seen.ready >= 10
