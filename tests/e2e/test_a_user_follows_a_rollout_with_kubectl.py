"""A user follows a real rollout with the plugin: the screen, the wait, the history, completion."""

import json

import pytest

from builders import churn
from harness import plugin
from harness.team import Team

pytestmark = pytest.mark.e2e


@pytest.fixture
def verbs(team, cluster, tmp_path):
    """Return the plugin in the namespace of the team."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return plugin.install(folder, cluster.kubeconfig(), team.kubectl.namespace)


def given_a_model_that_is_served(team: Team) -> None:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment())


def test_from_the_first_deployment_to_the_history_of_two(team, verbs):
    given_a_model_that_is_served(team)
    first = verbs.run("rollout", "status", "churn", "--timeout=5m")
    assert first.code == 0, first.errors
    served = team.waits("ModelDeployment", "churn")["status"]["stable"]
    assert first.output.splitlines()[-1] == (
        f"{served['version']} ({served['revision']}) has all traffic"
    )

    screen = verbs.run("status", "churn")
    assert screen.code == 0, screen.errors
    assert max(map(len, screen.output.splitlines())) <= 80
    for part in (served["version"], served["revision"], "2/2", "Available", "has the traffic"):
        assert part in screen.output
    document = json.loads(verbs.run("status", "churn", "-o", "json").output)
    assert (document["state"], document["stable"]) == ("Done", {**served, "weight": 100})
    assert document["events"]

    team.applies(churn.deployment(server={"pod": {"labels": {"tier": "gold"}}}))
    second = verbs.run("rollout", "status", "churn", "--timeout=3m")
    assert second.code == 0, second.errors
    assert len(second.output.splitlines()) >= 2
    history = json.loads(verbs.run("rollout", "history", "churn", "-o", "json").output)
    newest, oldest = history["rollouts"]
    assert oldest["revision"] == served["revision"]
    assert newest["revision"] in second.output.splitlines()[-1]

    assert verbs.completed("rollout", "hi") == ["history"]
    namespace = f"--namespace={team.kubectl.namespace}"
    assert verbs.completed("status", namespace, "") == ["churn"]
    assert verbs.completed("rollout", "undo", namespace, "churn", "--to", "") == [served["version"]]

    nothing = verbs.run("rollout", "promote", "churn")
    assert nothing.code == 1
    assert "churn rolls out nothing" in nothing.errors
