"""Decisions through the plugin and through Argo CD, with the admission policies in force."""

import pytest

from harness import argocd, plugin
from harness.api import RefusedError
from integration.decisions.conftest import CANDIDATE, people, place
from integration.decisions.test_admission import create
from perennial.generate import gitops

pytestmark = pytest.mark.integration

__all__ = ["people", "place"]

BOB = "bob@example.com"


@pytest.fixture
def verbs(people, cluster, tmp_path):
    """Return the plugin in a namespace with churn in mid-rollout."""
    return plugin.install(tmp_path, cluster.kubeconfig(), people.namespace)


def test_a_verb_creates_a_decision_in_the_name_of_the_user(verbs, people):
    done = verbs.run("rollout", "promote", "churn", f"--as={BOB}", "--no-wait", "--reason=fine")
    assert done.code == 0, done.errors
    name = done.output.split()[0].rpartition("/")[2]
    assert done.output == (
        f"decision.perennial.dev/{name} created: Promote of revision {CANDIDATE} (churn-2) by {BOB}"
        "\n"
    )
    spec = people.admin.get("Decision", name)["spec"]
    assert (spec["by"], spec["reason"], spec["subject"]["revision"]) == (BOB, "fine", CANDIDATE)


def test_a_user_without_the_verb_reads_what_the_api_server_says(verbs, people):
    before = len(people.admin.all("Decision"))
    done = verbs.run("rollout", "abort", "churn", f"--as={BOB}")
    assert done.code == 1
    assert f"{BOB} cannot abort modeldeployments churn: a role with the verb abort" in done.errors
    assert len(people.admin.all("Decision")) == before


def test_without_an_operator_the_wait_ends_at_the_timeout(verbs):
    done = verbs.run("rollout", "promote", "churn", f"--as={BOB}", "--timeout=2s")
    assert done.code == 1
    assert "has no outcome after 2s: the operator has not read it yet" in done.errors


def test_a_user_who_cannot_read_is_told_by_the_api_server(verbs):
    done = verbs.run("status", "churn", "--as=nobody@example.com")
    assert done.code == 1
    assert "error: Error from server (Forbidden): modeldeployments.perennial.dev" in done.errors


def test_a_deployment_that_was_not_seen_yet_rolls_out_nothing(verbs):
    done = verbs.run("rollout", "abort", "fraud")
    assert (done.code, done.errors) == (
        1,
        "error: fraud rolls out nothing: no revision serves yet\n",
    )


def test_the_action_of_argo_cd_needs_a_user_of_its_own(people):
    (operation,) = argocd.act("promote", people.admin.get("ModelDeployment", "churn"))
    decision = operation["resource"]
    assert decision["spec"]["by"] == gitops.USER
    decision["spec"]["by"] = BOB  # as the docs describe
    assert create(people["bob"], decision)["metadata"]["name"] == decision["metadata"]["name"]

    decision["spec"]["by"] = people.user("robot")
    with pytest.raises(RefusedError, match="a ServiceAccount cannot decide"):
        create(people["robot"], decision)
