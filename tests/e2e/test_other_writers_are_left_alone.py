"""Autoscalers, people and injectors write to our children too: nobody fights."""

import time

import pytest

from builders import churn

pytestmark = pytest.mark.e2e

QUIET = 5.0


@pytest.fixture
def revision(team):
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment(replicas=1))
    team.waits("ModelDeployment", "churn")
    (deployment,) = team.kubectl.all("Deployment", labels="perennial.dev/name=churn")
    return deployment["metadata"]["name"]


def generation_after_quiet(team, name):
    time.sleep(QUIET)
    return team.kubectl.get("Deployment", name)["metadata"]["generation"]


def sidecar(team, name):
    (server,) = team.kubectl.get("Deployment", name)["spec"]["template"]["spec"]["containers"]
    return {**server, "name": "injected", "command": ["sleep", "3600"], "ports": [], "args": []}


def test_an_annotation_and_a_sidecar_that_others_add_stay(team, revision):
    team.kubectl.patch("Deployment", revision, {"metadata": {"annotations": {"seen-by": "carol"}}})
    team.kubectl.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": revision},
            "spec": {"template": {"spec": {"containers": [sidecar(team, revision)]}}},
        }
    )
    before = team.kubectl.get("Deployment", revision)["metadata"]["generation"]

    assert generation_after_quiet(team, revision) == before
    stays = team.kubectl.get("Deployment", revision)
    assert stays["metadata"]["annotations"]["seen-by"] == "carol"
    containers = [
        container["name"] for container in stays["spec"]["template"]["spec"]["containers"]
    ]
    assert sorted(containers) == ["injected", "server"]


def test_an_autoscaler_on_the_scale_subresource_decides_the_replicas(team, revision):
    team.kubectl.scale("ModelDeployment", "churn", 2)

    team.kubectl.wait_for("Deployment", revision, lambda found: found["spec"]["replicas"] == 2, 30)


def test_replicas_set_on_the_child_by_hand_are_put_back_with_one_patch(team, revision):
    before = team.kubectl.get("Deployment", revision)["metadata"]["generation"]
    team.kubectl.patch("Deployment", revision, {"spec": {"replicas": 3}})

    team.kubectl.wait_for("Deployment", revision, lambda found: found["spec"]["replicas"] == 1, 30)
    assert generation_after_quiet(team, revision) == before + 2


def test_a_service_that_somebody_deletes_comes_back(team, revision):
    team.kubectl.delete("Service", "churn")

    team.kubectl.wait_for("Service", "churn", lambda found: bool(found["spec"]["clusterIP"]), 15)
