"""Grow, shift, drain: what users notice of a change is a better answer."""

import pytest

from builders import churn
from harness.callers import asking
from harness.team import Team, eventually

pytestmark = pytest.mark.e2e


def given_a_served_model(team: Team) -> str:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment())
    return str(team.waits("ModelDeployment", "churn")["status"]["stable"]["version"])


def customers(count: int = 3) -> list[dict]:
    table = churn.rows(count, seed=5)
    return [{key: value for key, value in row.items() if key != "churned"} for row in table]


def serves_another_than(team: Team, version: str):
    def serves_another(deployment) -> bool:
        status = deployment["status"]
        return status["stable"]["version"] != version and "candidate" not in status

    team.kubectl.wait_for("ModelDeployment", "churn", serves_another, 180)


def only_one_revision_is_left(team: Team) -> bool:
    return len(team.kubectl.all("Deployment", labels="perennial.dev/name=churn")) == 1


def test_a_changed_recipe_reaches_the_users_and_no_request_fails(team, address):
    old = given_a_served_model(team)

    with asking(address("churn"), customers()) as answers:
        team.applies(churn.model(recipe=churn.logistic(C="0.5")))
        serves_another_than(team, old)
        eventually(lambda: only_one_revision_is_left(team), "the old pods are gone", 90)

    assert answers.failures == []
    assert len(answers.versions) == 2
    assert answers.versions[old] > 0


def test_a_changed_server_is_rolled_out_like_a_new_version(team, address):
    given_a_served_model(team)
    before = team.kubectl.get("ModelDeployment", "churn")["status"]["stable"]["revision"]

    with asking(address("churn"), customers()) as answers:
        team.changes("ModelDeployment", "churn", server={"pod": {"labels": {"tier": "gold"}}})
        team.kubectl.wait_for(
            "ModelDeployment",
            "churn",
            lambda found: found["status"]["stable"]["revision"] != before,
            120,
        )
        eventually(lambda: only_one_revision_is_left(team), "the old pods are gone", 90)

    assert answers.failures == []
    assert team.versions("churn")[-1]["spec"]["number"] == 1


def test_a_revert_brings_the_old_version_back_without_training(team):
    old = given_a_served_model(team)
    team.applies(churn.model(recipe=churn.logistic(C="0.5")))
    serves_another_than(team, old)

    team.applies(churn.model())

    team.kubectl.wait_for(
        "ModelDeployment", "churn", lambda found: found["status"]["stable"]["version"] == old, 90
    )
    assert len(team.versions("churn")) == 2


def test_a_paused_deployment_keeps_what_it_serves_and_still_scales(team):
    old = given_a_served_model(team)
    team.changes("ModelDeployment", "churn", paused=True)
    team.applies(churn.model(recipe=churn.logistic(C="0.5")))
    team.kubectl.wait_for("Model", "churn", lambda found: found["status"]["versions"] == 2, 120)

    team.kubectl.scale("ModelDeployment", "churn", 3)

    def three_are_ready(found) -> bool:
        return found["status"]["stable"]["ready"] == 3

    scaled = team.kubectl.wait_for("ModelDeployment", "churn", three_are_ready, 90)
    assert scaled["status"]["stable"]["version"] == old
    team.changes("ModelDeployment", "churn", paused=False)
    serves_another_than(team, old)
