"""A Gateway that does not hear of a shift: pods stay, and the shift ends when it is back."""

import time
from functools import partial
from typing import Any

import pytest

from builders import churn
from harness import history, own_gateway
from harness.callers import asking
from harness.own_gateway import OwnGateway
from harness.rollouts import (
    has_pods,
    is_at,
    is_going,
    serves,
    starts_another_server,
    waits_for,
    wanted_pods,
)
from harness.team import Team, eventually

pytestmark = pytest.mark.e2e

CANARY = {"strategy": "Canary", "steps": [{"weight": 50, "pause": {"for": "5s"}}]}
PREFIX = "/churn"
CUT = 15  # seconds: several times the drain


@pytest.fixture
def own(team, cluster):
    """Run a Gateway in the team's namespace, with a proxy between it and the API server."""
    with own_gateway.running(cluster, team.kubectl) as running:
        yield running


def given_a_model_behind(team: Team, own: OwnGateway):
    """Serve a model; return how to state its ModelDeployment anew, and its revision."""
    route = {"parentRef": own.parent, "pathPrefix": PREFIX}
    deployment = partial(churn.deployment, replicas=2, route=route, rollout=CANARY)
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), deployment())
    return deployment, team.waits("ModelDeployment", "churn")["status"]["stable"]["revision"]


def customers() -> list[dict[str, Any]]:
    (row,) = churn.rows(1, seed=5)
    return [{key: value for key, value in row.items() if key != "churned"}]


def test_no_pod_goes_until_the_gateway_is_back(team, own):
    deployment, old = given_a_model_behind(team, own)

    with (
        asking(f"{own.address}{PREFIX}", customers(), callers=8) as answers,
        history.recording(team.kubectl, "Pod") as seen,
    ):
        new = starts_another_server(team, deployment)
        team.kubectl.wait_for("ModelDeployment", "churn", is_at("Pausing", 50), 120)
        own.proxy.is_silent = True
        team.kubectl.wait_for("ModelDeployment", "churn", is_at("Shifting", 100), 60)
        cut = time.monotonic()
        time.sleep(CUT)
        waiting = team.kubectl.get("ModelDeployment", "churn")
        pods, meanwhile = wanted_pods(team), answers.revisions(cut)
        own.proxy.is_silent = False
        mended = time.monotonic()
        team.kubectl.wait_for("ModelDeployment", "churn", serves(new), 60)
        print(f"all traffic has moved {time.monotonic() - mended:.1f} s after the cut")
        eventually(lambda: wanted_pods(team) == {old: 0, new: 2}, "the old pods are to go", 90)
        eventually(lambda: not has_pods(team, old), "the old pods are gone", 90)

    assert answers.failures == seen.gaps == []
    assert is_at("Shifting", 100)(waiting)
    assert f"waiting for Gateway {team.kubectl.namespace}/public" in waits_for(waiting)
    assert "no pod is removed before" in waits_for(waiting)
    assert pods == {old: 2, new: 2}
    assert meanwhile[old] > 0.4 * meanwhile.total() > 100
    gone = seen.first("Pod", is_going(old))
    assert gone > mended
    assert max(each.at for each in answers.all if each.revision == old) < gone
