"""A healthy candidate is promoted by evidence, whatever happens to the operator and Prometheus."""

import random
import time

import pytest

from harness import history, judged
from harness.faulty import FaultyServer
from harness.kubectl import Kubectl
from harness.rollouts import has_a_candidate, is_at, serves, weights_in
from harness.servers.store import NAMESPACE as SERVERS
from harness.team import Team

pytestmark = pytest.mark.e2e

KINDS = ("ModelDeployment", "HTTPRoute")
KILLS = 10


def starts_another_server(team: Team, label: str) -> str:
    """Change a server setting; return the revision that it becomes."""
    labelled = {**judged.SMALL, "pod": {"labels": {"tier": label}}}
    team.applies(judged.deployment(team, server=labelled))
    found = team.kubectl.wait_for("ModelDeployment", "churn", has_a_candidate, 60)
    return str(found["status"]["candidate"]["revision"])


def has_no_data(found) -> bool:
    gates = (found["status"].get("rollout") or {}).get("gates", ())
    return any(gate["outcome"] == "NoData" for gate in gates)


def test_a_healthy_candidate_is_promoted_though_the_operator_is_killed(team, operator, capsys):
    judged.reads_prometheus(operator)
    judged.serves_a_model(team)
    draw = random.Random(7)

    with judged.clients(team) as answers, history.recording(team.kubectl, *KINDS) as seen:
        time.sleep(10)
        began = time.monotonic()
        new = starts_another_server(team, "gold")
        for _ in range(KILLS):
            time.sleep(draw.uniform(0.2, 5))
            operator.kill()
            operator.start()
            operator.wait_ready()
        team.kubectl.wait_for("ModelDeployment", "churn", serves(new), 240)
        with capsys.disabled():
            print(f"\npromoted after {time.monotonic() - began:.0f} s and {KILLS} kills")

    assert answers.failures == seen.gaps == []
    assert all(sum(weights.values()) == 100 for weights in weights_in(seen))
    rejected = team.kubectl.get("ModelDeployment", "churn")["status"].get("rejected", ())
    assert not rejected


@pytest.mark.long
def test_without_prometheus_a_step_holds_and_a_crash_is_still_rejected(
    team, operator, cluster, api, capsys
):
    crashing = FaultyServer("crash")
    cluster.ensure_image(crashing, crashing.reference())
    judged.reads_prometheus(operator)
    good = judged.serves_a_model(team)
    servers = Kubectl(api, SERVERS)

    with judged.clients(team) as answers:
        time.sleep(10)
        new = starts_another_server(team, "gold")
        team.kubectl.wait_for("ModelDeployment", "churn", is_at("Analyzing", 20), 120)
        cut_off(servers)
        try:
            team.kubectl.wait_for("ModelDeployment", "churn", has_no_data, 60)
            time.sleep(10)
            held = team.kubectl.get("ModelDeployment", "churn")["status"]
            assert held["rollout"]["step"] == 1
            assert held["stable"]["revision"] == good
        finally:
            connect(servers)
        team.kubectl.wait_for("ModelDeployment", "churn", serves(new), 240)
        assert answers.failures == []

        cut_off(servers)
        try:
            image = crashing.reference()
            operator.restart_with(server=image, server_sklearn=image)
            found = team.kubectl.wait_for("ModelDeployment", "churn", judged.rejects(0), 120)
        finally:
            connect(servers)
    (verdict,) = found["status"]["rejected"]
    assert verdict["reason"] == "ServerCrashing"
    with capsys.disabled():
        print(f"\nwithout Prometheus: rejected {verdict['message']}")


def cut_off(servers: Kubectl) -> None:
    """Let the address of Prometheus lead nowhere; it goes on scraping."""
    servers.patch("Service", "prometheus", {"spec": {"selector": {"app": "nobody"}}})


def connect(servers: Kubectl) -> None:
    servers.patch("Service", "prometheus", {"spec": {"selector": {"app": "prometheus"}}})
