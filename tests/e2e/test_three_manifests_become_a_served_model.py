"""The smallest complete set: a CSV file becomes predictions."""

import httpx
import pytest

from builders import churn
from harness.kubectl import documents
from harness.paths import ROOT
from harness.team import Team, eventually

pytestmark = pytest.mark.e2e

SMALLEST = ROOT / "crds/examples/churn.yaml"


def given_customers(team: Team) -> None:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    dataset, model, deployment = documents(SMALLEST)
    dataset["spec"]["source"]["object"]["path"] = path
    team.applies(dataset, model, deployment)


def test_a_csv_file_and_three_manifests_become_predictions(team, address):
    given_customers(team)

    deployment = team.waits("ModelDeployment", "churn")

    assert [team.waits(kind, "churn")["kind"] for kind in ("Dataset", "Model")]
    (version,) = team.versions("churn")
    assert deployment["status"]["stable"]["version"] == version["metadata"]["name"]
    assert version["status"]["serving"] == ["churn"]
    with address("churn", 80) as url:
        customer = churn.rows(1, seed=9)[0]
        del customer["churned"]
        answer = httpx.post(f"{url}/predict", json=customer, trust_env=False).raise_for_status()
    (prediction,) = answer.json()["predictions"]
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)


def test_what_is_settled_is_left_alone_by_a_restart_and_by_a_second_operator(team, operator):
    given_customers(team)
    team.waits("ModelDeployment", "churn")
    eventually(lambda: "churn" in team.versions("churn")[0]["status"]["serving"], "serving is told")
    before = versions_of_everything(team)

    operator.kill()
    operator.start()
    operator.wait_ready()

    eventually(lambda: reconciled(operator) >= 4, "every object was looked at again")
    assert versions_of_everything(team) == before


def versions_of_everything(team: Team) -> dict[str, str]:
    kinds = ("Dataset", "Model", "ModelVersion", "ModelDeployment", "Job", "Deployment", "Service")
    return {
        f"{kind}/{found['metadata']['name']}": found["metadata"]["resourceVersion"]
        for kind in kinds
        for found in team.kubectl.all(kind)
    }


def reconciled(operator) -> int:
    lines = operator.metrics().splitlines()
    counts = [line for line in lines if line.startswith("perennial_reconcile_total")]
    return int(sum(float(line.rpartition(" ")[2]) for line in counts))
