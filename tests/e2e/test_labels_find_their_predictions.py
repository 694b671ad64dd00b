"""What became true of a prediction is told to any pod, whichever pod predicted it."""

from collections import Counter

import httpx
import pytest

from builders import churn
from harness.team import Team

pytestmark = pytest.mark.e2e

SECRET = "churn-prediction-ids"  # noqa: S105 - a name


def given_a_served_model(team: Team) -> str:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment())
    team.changes("ModelDeployment", "churn", replicas=2)
    return str(team.waits("ModelDeployment", "churn")["status"]["stable"]["version"])


def test_a_label_is_taken_by_whichever_pod_is_asked(team, address):
    given_a_served_model(team)
    customers = [
        {key: value for key, value in row.items() if key != "churned"}
        for row in churn.rows(40, seed=5)
    ]

    told = Counter()
    url = address("churn")
    ids = [
        said["prediction_id"]
        for row in customers
        for said in call(url, "/predict", {"rows": [row]})["predictions"]
    ]
    for one in ids:  # each on a connection of its own: the Service deals them out
        (said,) = call(url, "/feedback", {"id": one, "label": True})["feedback"]
        told[said["outcome"]] += 1

    assert len(set(ids)) == len(customers)
    assert told == {"Counted": len(customers)}


def test_the_key_is_made_once_and_goes_with_the_deployment(team):
    given_a_served_model(team)
    key = team.kubectl.get("Secret", SECRET)
    assert key["immutable"]
    assert list(key["data"]) == ["key"]

    team.changes("ModelDeployment", "churn", server={"pod": {"labels": {"tier": "gold"}}})
    team.waits("ModelDeployment", "churn")
    assert team.kubectl.get("Secret", SECRET)["metadata"]["uid"] == key["metadata"]["uid"]

    team.kubectl.delete("ModelDeployment", "churn")
    team.kubectl.wait_gone("Secret", SECRET, 60)


def call(url: str, path: str, body: dict) -> dict:
    return (
        httpx.post(f"{url}{path}", json=body, timeout=10, trust_env=False).raise_for_status().json()
    )
