"""The smallest complete set: a CSV file becomes predictions."""

import httpx
import pytest

from builders import churn
from harness import witness
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


def test_a_csv_file_and_three_manifests_become_predictions(team, address, truth):
    with witness.watching(team.kubectl, truth.lacks) as seen:
        given_customers(team)
        deployment = team.waits("ModelDeployment", "churn")

    assert seen.objections == []
    assert seen.ready >= 4
    assert [team.waits(kind, "churn")["kind"] for kind in ("Dataset", "Model")]
    (version,) = team.versions("churn")
    assert deployment["status"]["stable"]["version"] == version["metadata"]["name"]
    assert version["status"]["serving"] == ["churn"]
    url = address("churn")
    customer = churn.rows(1, seed=9)[0]
    del customer["churned"]
    answer = httpx.post(f"{url}/predict", json=customer, trust_env=False).raise_for_status()
    (prediction,) = answer.json()["predictions"]
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)


def test_what_is_settled_is_left_alone_by_a_restart(team, operator):
    given_customers(team)
    team.waits("ModelDeployment", "churn")
    before = team.settles()

    operator.kill()
    operator.start()
    operator.wait_ready()

    eventually(lambda: operator.looks() >= 4, "every object was looked at again")
    assert operator.writes() == 0
    assert team.settles() == before
