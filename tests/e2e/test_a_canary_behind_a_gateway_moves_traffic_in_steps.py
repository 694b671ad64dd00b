"""A canary through a Gateway: shares follow the weights, pods go after proof, a revert is short."""

import time
from functools import partial
from math import sqrt
from typing import Any

import httpx
import pytest

from builders import churn
from harness import history, operator_process
from harness.callers import asking
from harness.rollouts import (
    has,
    has_pods,
    is_at,
    is_going,
    serves,
    shows_the_proof_of,
    starts_another_server,
    steps_of,
    wanted_pods,
    weights_in,
)
from harness.servers import gateway
from harness.servers.store import NAMESPACE as SERVERS
from harness.team import Team, eventually

pytestmark = pytest.mark.e2e

WEIGHTS = (20, 50)
CANARY = {
    "strategy": "Canary",
    "steps": [{"weight": weight, "pause": {"for": "12s"}} for weight in WEIGHTS],
}
PREFIX = "/churn"
KINDS = ("ModelDeployment", "HTTPRoute", "Pod")
DEVIATIONS = 5  # of the binomial distribution: one share in a million is further away


@pytest.fixture
def operator(cluster, namespace, tmp_path):
    """Run an operator that may also read the Gateway of the cluster."""
    wanted = operator_process.configuration(cluster, (namespace.namespace, SERVERS))
    with operator_process.running(cluster, namespace, tmp_path, wanted) as process:
        yield process


def given_a_model_behind_the_gateway(team: Team):
    """Serve a model; return how to state its ModelDeployment anew, and its revision."""
    route = {"parentRef": gateway.PARENT, "hostnames": [hostname(team)], "pathPrefix": PREFIX}
    deployment = partial(churn.deployment, replicas=2, route=route, rollout=CANARY)
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), deployment())
    return deployment, team.waits("ModelDeployment", "churn")["status"]["stable"]["revision"]


def hostname(team: Team) -> str:
    return f"{team.kubectl.namespace}.example.com"


def customers() -> list[dict[str, Any]]:
    (row,) = churn.rows(1, seed=5)
    return [{key: value for key, value in row.items() if key != "churned"}]


def clients(team: Team):
    address, host = f"{gateway.ADDRESS}{PREFIX}", {"host": hostname(team)}
    return asking(address, customers(), callers=8, headers=host)


def asked_by_name(team: Team, revision: str) -> str:
    """Return who answers a request that names a revision, against the odds of its weight."""
    answer = httpx.post(
        f"{gateway.ADDRESS}{PREFIX}/predict",
        json={"rows": customers()},
        headers={"host": hostname(team), "x-perennial-revision": revision},
        trust_env=False,
    )
    return answer.raise_for_status().headers["x-perennial-revision"]


def settles_on(team: Team, revision: str, other: str) -> None:
    team.kubectl.wait_for("ModelDeployment", "churn", serves(revision), 120)
    eventually(lambda: wanted_pods(team) == {revision: 2, other: 0}, "the others are to go", 90)
    eventually(lambda: not has_pods(team, other), "the others are gone", 90)


def assert_share(answers, seen, revision: str, weight: int) -> None:
    """Compare what clients got during the pause of a step with its weight."""
    states = seen.of("ModelDeployment")
    pauses = [is_at("Pausing", weight)(event.object) for event in states]
    first = pauses.index(True)
    last = pauses.index(False, first)
    counts = answers.revisions(states[first].at, states[last].at)
    expected = counts.total() * weight / 100
    print(f"at weight {weight}: {counts[revision]} of {counts.total()} requests")
    assert counts.total() > 200
    allowed = DEVIATIONS * sqrt(expected * (1 - weight / 100))
    assert abs(counts[revision] - expected) <= allowed


def assert_left_before_it_ends(answers, seen, revision: str, successor: str) -> None:
    """Check that no pod went before the Gateway was seen to send nothing to it any more."""
    moved = {successor: 100}
    written = seen.first("HTTPRoute", has(moved))
    proven = seen.first("ModelDeployment", shows_the_proof_of(moved, successor))
    gone = seen.first("Pod", is_going(revision))
    end = seen.events[-1].at
    last = max(each.at for each in answers.all if each.revision == revision and each.at < end)
    seconds = (f"{moment - written:.2f} s" for moment in (last, proven, gone))
    print("since the last weights: last answer {}, proof {}, first pod {}".format(*seconds))
    assert written < proven < gone
    assert last < gone


def test_shares_follow_the_weights_and_no_pod_goes_before_the_proof(team):
    deployment, old = given_a_model_behind_the_gateway(team)

    with clients(team) as answers:
        with history.recording(team.kubectl, *KINDS) as forth:
            new = starts_another_server(team, deployment)
            team.kubectl.wait_for("ModelDeployment", "churn", is_at("Pausing", 20), 120)
            named = [asked_by_name(team, revision) for revision in [old, new] * 20]
            settles_on(team, new, old)

        with history.recording(team.kubectl, *KINDS) as back:
            reverted = time.monotonic()
            team.applies(deployment())
            settles_on(team, old, new)

    assert answers.failures == forth.gaps == back.gaps == []
    assert named == [old, new] * 20
    assert weights_in(forth) == [{old: 100}, {old: 80, new: 20}, {old: 50, new: 50}, {new: 100}]
    for weight in WEIGHTS:
        assert_share(answers, forth, new, weight)
    assert_left_before_it_ends(answers, forth, old, new)

    assert all(sum(weights.values()) == 100 for weights in weights_in(back))
    assert not any(steps_of(event.object) for event in back.of("ModelDeployment"))
    assert_left_before_it_ends(answers, back, new, old)
    returned = back.first("ModelDeployment", shows_the_proof_of({old: 100}, old))
    print(f"the former revision has returned after {returned - reverted:.1f} s")
