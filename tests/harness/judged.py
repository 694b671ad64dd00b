"""A model behind the Gateway whose rollouts are judged: what tests of evidence have in common."""

from contextlib import AbstractContextManager
from typing import Any

from builders import churn
from harness.callers import Answers, asking
from harness.operator_process import OperatorProcess
from harness.rollouts import Holds
from harness.servers import gateway
from harness.servers.prometheus import ADDRESS as PROMETHEUS
from harness.servers.store import NAMESPACE as SERVERS
from harness.team import Team
from perennial.api.configuration import Prometheus, PrometheusServer

PREFIX = "/churn"
RULES = {
    "interval": "5s",
    "minSamples": 200,
    "errors": {"floor": "0.01"},
    "refusals": {"floor": "0.01"},
}
"""A verdict then takes half a minute at a hundred requests a second."""
CANARY = {"strategy": "Canary", "steps": [{"weight": 20}, {"weight": 50}], "analysis": RULES}
SMALL = {
    "resources": {"requests": {"cpu": "50m"}, "limits": {"memory": "512Mi"}},
    "workers": 2,
}


def reads_prometheus(operator: OperatorProcess) -> None:
    """Have an operator judge rollouts, and read the Gateway of the cluster."""
    namespaces = (*operator.configuration.watch_namespaces, SERVERS)
    operator.reconfigure(
        prometheus=Prometheus(default=PrometheusServer(url=PROMETHEUS)),
        watch_namespaces=namespaces,
    )


def deployment(team: Team, **spec: Any) -> dict[str, Any]:
    """Return the manifest of a model behind the Gateway."""
    route = {"parentRef": gateway.PARENT, "hostnames": [_hostname(team)], "pathPrefix": PREFIX}
    fields = {"replicas": 2, "route": route, "rollout": CANARY, "server": SMALL, **spec}
    return churn.deployment(**fields)


def serves_a_model(team: Team) -> str:
    """Serve a model; return its revision."""
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), deployment(team))
    found = team.waits("ModelDeployment", "churn")
    return str(found["status"]["stable"]["revision"])


def customers() -> list[dict[str, Any]]:
    """Return rows that clients ask about."""
    return [
        {key: value for key, value in row.items() if key != "churned"}
        for row in churn.rows(10, seed=5)
    ]


def clients(team: Team, callers: int = 8) -> AbstractContextManager[Answers]:
    """Ask through the Gateway all through a block."""
    return asking(
        f"{gateway.ADDRESS}{PREFIX}",
        customers(),
        callers=callers,
        pause=0.03,
        headers={"host": _hostname(team)},
    )


def rejects(known: int) -> Holds:
    """Return whether one more revision is rejected."""
    return lambda found: len(found["status"].get("rejected", ())) > known


def _hostname(team: Team) -> str:
    return f"{team.kubectl.namespace}.example.com"
