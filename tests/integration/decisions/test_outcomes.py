"""What the operator reports of Decisions that never reach a subject, with policies and without."""

import pytest

from harness import policies
from harness.kubectl import Kubectl, conditions
from integration.decisions.conftest import deployment, mid_rollout
from integration.decisions.test_admission import create, decision

pytestmark = pytest.mark.integration


@pytest.fixture
def home(place, namespace) -> Kubectl:
    """Return kubectl in a namespace of the test's own; every kind is served."""
    return namespace


def decide(home, **changes):
    """Return the name of a Decision of the administrator, whoever that is."""
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    me = home.api.request("POST", path, review)["status"]["userInfo"]["username"]
    return create(home, decision(me, **changes))["metadata"]["name"]


def settled(home, name):
    """Return the status of a Decision that has an outcome."""
    found = home.wait_for("Decision", name, lambda seen: "outcome" in seen["status"])
    return found["status"]


def test_without_policies_the_operator_refuses_every_decision(home, operator):
    home.apply(deployment("churn"))
    status = settled(home, decide(home))
    assert status["outcome"] == "Refused"
    told = conditions({"status": status})
    assert told["Stalled"]["reason"] == told["Admitted"]["reason"] == "PoliciesMissing"
    assert "decisions.policies: true" in status["message"]


def test_what_was_decided_while_the_operator_was_down_is_looked_at_later(cluster, home, request):
    with policies.enforced(cluster, home):
        home.apply(deployment("churn"))
        home.patch("ModelDeployment", "churn", {"status": mid_rollout()}, "status")
        known, unknown = decide(home), decide(home, name="nothing")

        request.getfixturevalue("operator")

        assert home.wait_for("Decision", known, "Admitted")
        refused = settled(home, unknown)
        assert refused["outcome"] == "Refused"
        assert conditions({"status": refused})["Stalled"]["reason"] == "SubjectNotFound"
        assert "ModelDeployment nothing does not exist" in refused["message"]
        assert home.find("ModelDeployment", "nothing") is None
