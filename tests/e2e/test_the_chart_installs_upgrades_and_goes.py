"""Real Helm, in one namespace of Pod Security's restricted profile, with Roles alone."""

import pytest

from builders import churn
from harness.chart import Release, default_values
from harness.team import Team

pytestmark = pytest.mark.e2e


@pytest.fixture
def team(kinds, with_store, bucket):
    """A team whose namespace nobody looks after yet."""
    return Team(with_store, bucket)


@pytest.fixture
def release(cluster, with_store):
    made = Release(cluster, "perennial", with_store.namespace)
    yield made
    made.uninstall()


def values(cluster, team, **more):
    namespaced = {
        "watchNamespaces": [team.kubectl.namespace],
        "rbac": {"aggregate": False},
        "crds": {"install": False},
        "decisions": {"policies": False},
        "lease": {"durationSeconds": 6, "renewSeconds": 4, "retrySeconds": 1},
    }
    return default_values(cluster) | namespaced | more


def operators(team):
    return team.kubectl.all("Pod", labels="app.kubernetes.io/name=perennial")


def go(team, pods):
    """Wait until these pods are gone."""
    for pod in pods:
        team.kubectl.wait_gone("Pod", pod["metadata"]["name"])


def test_it_serves_a_model_is_upgraded_without_a_write_and_leaves_it_serving(
    cluster, team, release
):
    release.install(values(cluster, team))
    before = operators(team)
    assert len(before) == 2
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment(replicas=1))
    team.waits("ModelDeployment", "churn")
    settled = team.settles()

    release.install(values(cluster, team, limits={"jobsPerNamespace": 7}))

    go(team, before)
    team.kubectl.scale("ModelDeployment", "churn", 2)
    team.waits("ModelDeployment", "churn")
    after = team.resource_versions()
    changed = {key for key, version in settled.items() if after[key] != version}
    assert {kind for kind, _ in changed} <= {"ModelDeployment", "Deployment"}

    last = operators(team)
    release.uninstall()
    go(team, last)
    (server,) = team.kubectl.all("Deployment", labels="perennial.dev/name=churn")
    assert server["status"]["readyReplicas"] == 2
