"""Every promise is kept by a real operator that looks after one team's namespace."""

import pytest

from harness import chart
from harness.api import Api
from harness.bucket import Bucket
from harness.cluster import Cluster
from harness.kubectl import Kubectl
from harness.operator_process import OperatorProcess
from harness.team import Team
from harness.truth import Truth

CRDS = sorted((chart.ROOT / "crds").glob("*.yaml"))


@pytest.fixture(scope="session")
def kinds(cluster: Cluster, api: Api) -> None:
    """Serve every kind, and no operator but the tests' own."""
    chart.Release(cluster).uninstall()
    everywhere = Kubectl(api)
    for file in CRDS:
        (applied,) = everywhere.apply(file)
        everywhere.wait_for(applied["kind"], applied["metadata"]["name"], "Established")


@pytest.fixture
def team(kinds: None, with_store: Kubectl, bucket: Bucket, operator: OperatorProcess) -> Team:
    """Return a team whose namespace an operator looks after."""
    return Team(with_store, bucket)


@pytest.fixture
def truth(team: Team) -> Truth:
    """Return what is so in the team's namespace, whatever statuses say."""
    return Truth(team.kubectl, team.bucket)
