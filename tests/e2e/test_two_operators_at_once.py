"""Two replicas, whether or not they know of each other: nothing is done twice."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from builders import churn
from harness import operator_process
from harness.operator_process import OperatorProcess
from harness.team import Team, eventually
from perennial.api.configuration import Lease

pytestmark = pytest.mark.e2e

Operators = tuple[OperatorProcess, OperatorProcess]
Start = Callable[[Lease], Operators]


@pytest.fixture
def team(kinds, with_store, bucket) -> Team:
    """Return a team whose namespace nobody looks after yet."""
    return Team(with_store, bucket)


@pytest.fixture
def start(cluster, team, tmp_path) -> Iterator[Start]:
    """Return how to start two operators for the team's namespace."""
    with ExitStack() as running:

        def start_one(number: int, lease: Lease) -> OperatorProcess:
            folder = tmp_path / f"operator-{number}"
            folder.mkdir()
            wanted = operator_process.configuration(cluster, (team.kubectl.namespace,))
            wanted = wanted.model_copy(update={"lease": lease})
            return running.enter_context(
                operator_process.running(cluster, team.kubectl, folder, wanted)
            )

        yield lambda lease: (start_one(1, lease), start_one(2, lease))


def given_a_served_model(team: Team) -> dict[tuple[str, str], str]:
    """Return the versions of everything, once nothing is left to do."""
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment(replicas=1))
    team.waits("ModelDeployment", "churn")
    return team.settles()


def restarted(operator: OperatorProcess) -> OperatorProcess:
    operator.kill()
    operator.start()
    operator.wait_ready()
    return operator


def test_two_that_both_act_train_once_and_write_nothing_to_what_is_settled(team, start):
    both = start(Lease(enabled=False))
    settled = given_a_served_model(team)
    assert len(team.versions("churn")) == 1
    assert [job["status"].get("succeeded") for job in team.kubectl.all("Job")] == [1, 1]

    for operator in both:
        restarted(operator)

    eventually(lambda: all(each.looks() >= 4 for each in both), "both looked at every object")
    assert [operator.writes() for operator in both] == [0, 0]
    assert team.settles() == settled


def test_of_two_replicas_one_leads_and_the_other_takes_over_without_a_write(team, start):
    name = team.kubectl.namespace
    lease = Lease(name=name, duration_seconds=4, renew_seconds=3, retry_seconds=1)
    both = start(lease)
    settled = given_a_served_model(team)
    (leader,), (standby,) = (
        [each for each in both if each.leads()],
        [each for each in both if not each.leads()],
    )
    assert (standby.looks(), standby.writes()) == (0, 0)

    leader.kill()

    eventually(standby.leads, "the standby leads", 20)
    eventually(lambda: standby.looks() >= 4, "it looked at every object")
    assert standby.writes() == 0
    assert team.settles() == settled
    team.kubectl.scale("ModelDeployment", "churn", 2)
    team.kubectl.wait_for(
        "ModelDeployment", "churn", lambda found: found["status"]["replicas"] == 2, 60
    )
