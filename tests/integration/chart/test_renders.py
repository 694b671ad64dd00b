"""What the chart makes: whole renders, what holds for every render, and each toggle."""

from itertools import combinations
from typing import get_args

import pytest

from builders.model_deployment import CONFIGURATION, artifact
from perennial.api.configuration import Configuration
from perennial.api.model_deployment import Server
from perennial.api.rollout_status import DecisionVerdict
from perennial.cluster.rbac import LEADER_RULES, RECORD, RULES
from perennial.generate.policies import PURGE
from perennial.planning.model_deployment.deployment import server_deployment
from perennial.planning.model_deployment.revision import Definition

pytestmark = pytest.mark.integration

EVERYTHING = {
    "crds": {"install": False},
    "image": "registry.example.com/perennial-operator@sha256:" + "a" * 64,
    "images": {
        "training": "registry.example.com/job:1",
        "server": "registry.example.com/server:1",
        "serverSklearn": "registry.example.com/server-sklearn:1",
    },
    "imagePullPolicy": "Always",
    "imagePullSecrets": [{"name": "registry"}],
    "fullnameOverride": "ml",
    "replicas": 3,
    "serviceAccount": {"annotations": {"example.com/role": "ml"}},
    "podLabels": {"team": "platform"},
    "podAnnotations": {"example.com/note": "yes"},
    "priorityClassName": "system-cluster-critical",
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "infra", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "topologySpreadConstraints": [{"maxSkew": 2, "topologyKey": "zone"}],
    "serviceMonitor": {"enabled": True, "interval": "15s", "labels": {"release": "prometheus"}},
    "podMonitor": {"enabled": True, "interval": "5s", "labels": {"release": "prometheus"}},
    "networkPolicy": {"enabled": True},
    "prometheus": {
        "default": {
            "url": "http://prometheus-operated.monitoring:9090",
            "tokenFile": "/var/run/prometheus/token",
            "labels": {"namespace": "exported_namespace"},
        }
    },
    "extraVolumes": [{"name": "token", "secret": {"secretName": "prometheus-token"}}],
    "extraVolumeMounts": [{"name": "token", "mountPath": "/var/run/prometheus"}],
}
NAMESPACED = {
    "crds": {"install": False},
    "rbac": {"aggregate": False},
    "decisions": {"policies": False},
    "watchNamespaces": ["delays", "weather"],
}
TOGGLES = {
    "crds": {"crds": {"install": False}},
    "keep": {"crds": {"keep": False}},
    "roles": {"rbac": {"create": False}},
    "aggregate": {"rbac": {"aggregate": False}},
    "decisions": {"decisions": {"policies": False}},
    "account": {"serviceAccount": {"create": False, "name": "mine"}},
    "budget": {"podDisruptionBudget": {"enabled": False}},
    "monitor": {"serviceMonitor": {"enabled": True}},
    "pods": {"podMonitor": {"enabled": True}},
    "policy": {"networkPolicy": {"enabled": True}},
    "namespaced": {"watchNamespaces": ["delays"]},
}
POLICIES = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", *POLICIES}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("default.yaml", {"crds": {"install": False}}),
        ("everything.yaml", EVERYTHING),
        ("namespaced.yaml", NAMESPACED),
    ],
)
def test_a_render_is_what_it_was(chart, golden, name, values):
    golden(name, chart.text(values))


# What holds for every render


def restricted(pod):
    """Yield what Pod Security's restricted profile would refuse."""
    security = pod.get("securityContext", {})
    if not security.get("runAsNonRoot"):
        yield "runAsNonRoot"
    if security.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile"
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(field):
            yield field
    allowed = {"configMap", "emptyDir", "projected", "secret", "downwardAPI", "csi"}
    for volume in pod.get("volumes", ()):
        if not allowed & volume.keys():
            yield f"volume {volume['name']}"
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        own = container.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
            yield f"{container['name']}: escalation"
        if own.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{container['name']}: capabilities"


def is_sound(objects):
    """Assert what must hold whatever the values are."""
    names = [
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for each in objects
    ]
    assert len(names) == len(set(names)), "two objects of one name"
    assert all((kind in CLUSTER_WIDE) == (place is None) for kind, place, _ in names)
    assert list(restricted(objects.pod["spec"])) == []
    labels = objects.pod["metadata"]["labels"]
    assert objects.of("Deployment")["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert objects.of("Service")["spec"]["selector"].items() <= labels.items()
    Configuration.model_validate(objects.configuration)
    roles = [each for each in objects if each["kind"] in ("Role", "ClusterRole")]
    rules = [rule for role in roles for rule in role["rules"]]
    assert not [word for rule in rules for part in rule.values() for word in part if "*" in word]
    assert {verb for rule in rules if "secrets" in rule["resources"] for verb in rule["verbs"]} <= {
        "create"
    }


def merged(*values):
    """Return values laid over each other."""
    result = {}
    for each in values:
        for name, value in each.items():
            both = isinstance(value, dict) and isinstance(result.get(name), dict)
            result[name] = {**result[name], **value} if both else value
    return result


@pytest.mark.parametrize("pair", list(combinations(TOGGLES, 2)), ids="-".join)
def test_every_pair_of_toggles_makes_a_sound_render(chart, pair):
    is_sound(chart.render(merged(*(TOGGLES[toggle] for toggle in pair))))


@pytest.mark.parametrize("values", [{}, EVERYTHING, NAMESPACED], ids=["default", "all", "spaces"])
def test_a_whole_render_is_sound(chart, values):
    is_sound(chart.render(values))


# Roles

USERS = ("view", "edit", "admin")


def granted(role):
    return [(rule["apiGroups"], rule["resources"], rule["verbs"]) for rule in role["rules"]]


def wanted(rules):
    return [tuple(map(list, rule)) for rule in rules]


def test_the_operator_may_do_what_its_table_of_verbs_says_and_nothing_else(chart):
    objects = chart.render()
    assert granted(objects.of("ClusterRole", "perennial")) == wanted(RULES)
    assert granted(objects.of("Role", "perennial-leader")) == wanted(LEADER_RULES)


def test_with_named_namespaces_nothing_of_the_operator_is_cluster_wide(chart):
    objects = chart.render(NAMESPACED)
    assert not [each for each in objects if each["kind"] in CLUSTER_WIDE]
    roles = [each for each in objects if each["kind"] == "Role"]
    places = {role["metadata"]["namespace"]: granted(role) for role in roles}
    assert places["delays"] == places["weather"] == wanted(RULES)
    assert places["perennial-system"] == wanted(LEADER_RULES)


def test_every_role_is_bound_to_the_operators_account_in_its_own_namespace(chart):
    for values in ({}, NAMESPACED, {"serviceAccount": {"create": False, "name": "mine"}}):
        objects = chart.render(values)
        account = objects.pod["spec"]["serviceAccountName"]
        bindings = [each for each in objects if each["kind"].endswith("RoleBinding")]
        assert bindings
        for binding in bindings:
            subject = {"kind": "ServiceAccount", "name": account, "namespace": "perennial-system"}
            assert binding["subjects"] == [subject]


def test_people_get_the_resources_with_the_roles_they_have_already(chart):
    view, edit, admin = (
        chart.render().of("ClusterRole", f"perennial-{role}") for role in ("view", "edit", "admin")
    )
    assert view["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-view"] == "true"
    assert edit["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-edit"] == "true"
    assert admin["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-admin"] == "true"
    assert {verb for rule in view["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}


def test_editors_decide_all_but_an_override_and_no_one_purges_or_forges(chart):
    roles = {each: chart.render().of("ClusterRole", f"perennial-{each}") for each in USERS}
    held = {
        name: {
            verb
            for rule in role["rules"]
            if "modeldeployments" in rule["resources"]
            for verb in rule["verbs"]
        }
        for name, role in roles.items()
    }
    verdicts = {verdict.lower() for verdict in get_args(DecisionVerdict)}
    assert verdicts & held["view"] == set()
    assert verdicts & held["edit"] == verdicts - {"override"}
    assert verdicts & held["admin"] == {"override"}
    rules = [rule for role in roles.values() for rule in role["rules"]]
    assert not {RECORD, PURGE} & {verb for rule in rules for verb in rule["verbs"]}
    assert not [rule for rule in rules if "decisions/status" in rule["resources"]]


# Policies


def policies(objects):
    return [each for each in objects if each["kind"] in POLICIES]


def test_policies_of_decisions_are_installed_unless_others_do_it(chart):
    assert len(policies(chart.render())) == 10
    assert policies(chart.render({"decisions": {"policies": False}})) == []


def test_policies_hold_in_the_namespaces_that_are_watched(chart):
    everywhere = [each["spec"] for each in policies(chart.render()) if "Binding" in each["kind"]]
    assert not [each for each in everywhere if "matchResources" in each]
    watched = chart.render({"watchNamespaces": ["delays", "weather"]})
    for each in policies(watched):
        if "Binding" in each["kind"]:
            selector = each["spec"]["matchResources"]["namespaceSelector"]
            (expression,) = selector["matchExpressions"]
            assert expression["values"] == ["delays", "weather"]


# The operator


def test_two_pods_stand_and_an_upgrade_takes_none_away_before_the_next_is_ready(chart):
    spec = chart.render().of("Deployment")["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_the_lease_lies_where_the_operator_may_write_it(chart):
    objects = chart.render({"fullnameOverride": "ml"})
    lease = objects.configuration["lease"]
    role = objects.of("Role", "ml-leader")
    assert (lease["name"], lease["namespace"]) == ("ml", role["metadata"]["namespace"])


def test_a_changed_configuration_starts_new_pods_and_an_unchanged_one_none(chart):
    before = chart.render().pod
    assert chart.render().pod == before
    assert chart.render({"pauses": {"drain": "1m"}}).pod != before


def test_images_are_full_references_or_those_of_the_charts_version(chart):
    images = {
        "training": "registry.example.com/job@sha256:1",
        "server": "server:7",
        "serverSklearn": "sklearn:7",
    }
    objects = chart.render({"image": "operator:7", "images": images})
    assert objects.pod["spec"]["containers"][0]["image"] == "operator:7"
    assert objects.configuration["images"] == images
    version = chart.render().of("Deployment")["metadata"]["labels"]["app.kubernetes.io/version"]
    assert chart.render().pod["spec"]["containers"][0]["image"] == f"perennial-operator:{version}"


# Metrics of model servers


def test_a_pod_monitor_is_made_on_demand_alone(chart):
    assert not [each for each in chart.render() if each["kind"] == "PodMonitor"]
    monitored = chart.render({"podMonitor": {"enabled": True, "labels": {"release": "mine"}}})
    assert monitored.of("PodMonitor")["metadata"]["labels"]["release"] == "mine"


@pytest.mark.parametrize(
    ("values", "namespaces"),
    [({}, {"any": True}), (NAMESPACED, {"matchNames": ["delays", "weather"]})],
)
def test_a_pod_monitor_selects_the_servers_that_the_operator_makes(chart, values, namespaces):
    spec = chart.render({**values, "podMonitor": {"enabled": True}}).of("PodMonitor")["spec"]
    definition = Definition("flight-delay", "flight-delay-1", artifact(), Server(), "server:1")
    template = server_deployment("delays", "ns", 1, definition, CONFIGURATION)["spec"]["template"]
    assert spec["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    ports = [port["name"] for one in template["spec"]["containers"] for port in one["ports"]]
    assert [one["port"] for one in spec["podMetricsEndpoints"]] == ports
    assert spec["namespaceSelector"] == namespaces


# CustomResourceDefinitions


def definitions(objects):
    return [each for each in objects if each["kind"] == "CustomResourceDefinition"]


def test_definitions_are_installed_and_stay_when_the_chart_goes(chart):
    kept = definitions(chart.render())
    assert len(kept) == 5
    policies = {each["metadata"]["annotations"]["helm.sh/resource-policy"] for each in kept}
    assert policies == {"keep"}


def test_definitions_can_be_left_out_or_go_with_the_chart(chart):
    assert definitions(chart.render({"crds": {"install": False}})) == []
    gone = definitions(chart.render({"crds": {"keep": False}}))
    assert gone
    assert not [each for each in gone if each["metadata"].get("annotations")]


# What it says


def test_the_notes_name_namespaces_stores_and_secrets(chart):
    said = chart.notes()
    assert "The operator watches all namespaces." in said
    assert "bucket models; requires the Secret perennial-store in every namespace" in said
    assert "delays, weather" in chart.notes({"watchNamespaces": ["delays", "weather"]})


def test_the_notes_warn_of_what_an_uninstallation_would_delete(chart):
    assert "WARNING" not in chart.notes()
    assert "WARNING" in chart.notes({"crds": {"keep": False}})
    assert "were not installed" in chart.notes({"crds": {"install": False}})
    assert "No roles were created" in chart.notes({"rbac": {"create": False}})
    assert "the operator refuses Decisions" in chart.notes({"decisions": {"policies": False}})
    assert "refuses Decisions" not in chart.notes()
