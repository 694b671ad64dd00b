"""Every value does something: changing it changes the render, and nonsense is refused."""

import json

import pytest

from harness.chart import CHART
from harness.programs import ProgramFailedError

pytestmark = pytest.mark.integration

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
MONITOR, POLICY = {"serviceMonitor.enabled": True}, {"networkPolicy.enabled": True}
PODS = {"podMonitor.enabled": True}

CHANGES = {
    "image": "operator:7",
    "images.training": "job:7",
    "images.server": "server:7",
    "images.serverSklearn": "sklearn:7",
    "imagePullPolicy": "Always",
    "imagePullSecrets[].name": [{"name": "registry"}],
    "fullnameOverride": "ml",
    "replicas": 3,
    "stores.*.endpoint": "https://s3.example.com",
    "stores.*.bucket": "others",
    "stores.*.prefix": "team/",
    "stores.*.region": "eu-central-1",
    "stores.*.secretName": "keys",
    "stores.*.namespaces": ["delays"],
    "prometheus.default": {"url": "http://prometheus:9090"},
    "limits.jobsPerNamespace": 3,
    "limits.queriesPerMinute": 60,
    "pauses.firstRetry": "7s",
    "pauses.longestRetry": "7m",
    "pauses.jobHistory": "7m",
    "pauses.drain": "7s",
    "pauses.route": "7s",
    "pauses.resync": "7m",
    "lease.durationSeconds": 30,
    "lease.renewSeconds": 20,
    "lease.retrySeconds": 4,
    "watchNamespaces": ["delays"],
    "crds.install": False,
    "crds.keep": False,
    "rbac.create": False,
    "rbac.aggregate": False,
    "decisions.policies": False,
    "serviceAccount.create": False,
    "serviceAccount.name": "mine",
    "serviceAccount.annotations": {"example.com/role": "ml"},
    "resources": {"limits": {"memory": "1Gi"}},
    "extraVolumes": [{"name": "token", "secret": {"secretName": "prometheus"}}],
    "extraVolumeMounts": [{"name": "token", "mountPath": "/var/run/prometheus"}],
    "podLabels": {"team": "platform"},
    "podAnnotations": {"example.com/note": "yes"},
    "priorityClassName": "high",
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "topologySpreadConstraints": [{"maxSkew": 2, "topologyKey": "zone"}],
    "podDisruptionBudget.enabled": False,
    "serviceMonitor.enabled": True,
    "serviceMonitor.interval": "7s",
    "serviceMonitor.labels": {"release": "prometheus"},
    "podMonitor.enabled": True,
    "podMonitor.interval": "7s",
    "podMonitor.labels": {"release": "prometheus"},
    "networkPolicy.enabled": True,
    "networkPolicy.apiServerPorts": [7443],
    "networkPolicy.gatewayPorts": [8000],
    "networkPolicy.prometheusPorts": [9091],
}
NEEDS = {
    "serviceAccount.create": {"serviceAccount.name": "mine"},
    "serviceMonitor.interval": MONITOR,
    "serviceMonitor.labels": MONITOR,
    "podMonitor.interval": PODS,
    "podMonitor.labels": PODS,
    "networkPolicy.apiServerPorts": POLICY,
    "networkPolicy.gatewayPorts": POLICY,
    "networkPolicy.prometheusPorts": {
        **POLICY,
        "prometheus.default": {"url": "http://prometheus:9090"},
    },
}


def leaves(schema, path=""):
    """Yield the path of every value that the schema knows."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        for name, part in schema["properties"].items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif any("$ref" in part for part in schema.get("patternProperties", {}).values()):
        for part in schema["patternProperties"].values():
            yield from leaves(part, f"{path}.*")
    elif "$ref" in schema.get("items", {}) and "JsonValue" not in schema["items"]["$ref"]:
        yield from leaves(schema["items"], f"{path}[]")
    else:
        yield path


LEAVES = [leaf for leaf in leaves(SCHEMA) if leaf != "global"]


def nested(changes, stores):
    """Return values from paths; `*` means the store named default."""
    values = {"stores": {name: dict(store) for name, store in stores.items()}}
    for path, value in changes.items():
        *parents, last = path.partition("[]")[0].replace("*", "default").split(".")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return values


def test_every_value_of_the_schema_has_a_change_to_prove_it():
    assert sorted(LEAVES) == sorted(CHANGES)


@pytest.mark.parametrize("leaf", LEAVES)
def test_changing_a_value_changes_the_render(chart, leaf):
    needed = NEEDS.get(leaf, {})
    before = chart.text(nested(needed, chart.stores))
    assert chart.text(nested({**needed, leaf: CHANGES[leaf]}, chart.stores)) != before


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_value_of_the_wrong_type_is_refused(chart, leaf):
    nonsense = 7 if isinstance(CHANGES[leaf], str | list | dict) else {"not": "this"}
    with pytest.raises(ProgramFailedError, match="don't meet the specifications of the schema"):
        chart.text(nested({leaf: nonsense}, chart.stores))


def test_an_installation_without_a_store_is_refused_and_says_what_to_set(chart):
    with pytest.raises(ProgramFailedError, match=r"--set stores\.default\.bucket=models"):
        chart.text({"stores": {}})


def test_an_account_that_is_not_made_must_be_named(chart):
    with pytest.raises(ProgramFailedError, match="name the ServiceAccount"):
        chart.text({"serviceAccount": {"create": False}})
