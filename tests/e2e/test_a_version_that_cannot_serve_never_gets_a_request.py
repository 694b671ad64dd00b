"""The old version goes on serving, and status says why in the pods' own words."""

import pytest

from builders import churn
from harness.callers import asking
from harness.team import Team, message

pytestmark = pytest.mark.e2e


def given_a_served_model(team: Team) -> str:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment(replicas=1))
    return str(team.waits("ModelDeployment", "churn")["status"]["stable"]["version"])


def damaged(team: Team, version: dict) -> tuple[str, bytes]:
    """Change one byte of the stored model; return where it stood and what was there."""
    key = f"{version['spec']['artifact']['path']}model.skops"
    content = team.bucket.get(key)
    team.bucket.put(key, content[:-1] + bytes([content[-1] ^ 1]))
    return key, content


def test_a_changed_byte_keeps_a_version_from_users_until_it_is_repaired(team, address):
    old = given_a_served_model(team)
    team.changes("ModelDeployment", "churn", paused=True)
    team.applies(churn.model(recipe=churn.logistic(C="0.5")))
    team.kubectl.wait_for("Model", "churn", lambda found: found["status"]["versions"] == 2, 120)
    new = team.waits("ModelVersion", team.versions("churn")[-1]["metadata"]["name"])
    key, content = damaged(team, new)

    customer = {key: value for key, value in churn.rows(1)[0].items() if key != "churned"}
    with asking(address("churn"), [customer]) as answers:
        team.changes("ModelDeployment", "churn", paused=False)
        broken = team.kubectl.wait_for("ModelDeployment", "churn", says("model.skops"), 90)
        assert broken["status"]["stable"]["version"] == old
        assert broken["status"]["candidate"]["version"] == new["metadata"]["name"]
        assert list(answers.versions) == [old]
        team.bucket.put(key, content)
        team.kubectl.wait_for(
            "ModelDeployment",
            "churn",
            lambda found: found["status"]["stable"]["version"] == new["metadata"]["name"],
            180,
        )

    assert answers.failures == []


def says(words: str):
    def is_said(found) -> bool:
        stated = found.get("status", {}).get("conditions", [])
        return any(words in message(found, condition["type"]) for condition in stated)

    is_said.__doc__ = f"a condition that says {words!r}"
    return is_said
