"""What can be said about the chart without Helm; renders are tested in tests/integration/chart."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from perennial.api.configuration import Lease, Limits, Pauses
from perennial.cluster.rbac import LEADER_RULES, RULES

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts/perennial"
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
META = yaml.safe_load((CHART / "Chart.yaml").read_text())


def refused(values):
    return list(jsonschema.Draft202012Validator(SCHEMA).iter_errors({**VALUES, **values}))


def objects(schema):
    """Yield every object of a schema whose fields are known."""
    if isinstance(schema, list):
        for part in schema:
            yield from objects(part)
    if isinstance(schema, dict):
        if "properties" in schema or "patternProperties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)


def test_the_chart_has_the_version_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert META["version"] == META["appVersion"] == project["version"]


def test_the_defaults_fit_their_own_schema():
    assert refused({}) == []


def test_the_defaults_are_the_operators_own():
    lease = Lease().model_dump(mode="json", by_alias=True)
    assert VALUES["limits"] == Limits().model_dump(mode="json", by_alias=True)
    assert VALUES["pauses"] == Pauses().model_dump(mode="json", by_alias=True)
    assert VALUES["lease"].items() <= lease.items()


def test_no_field_can_be_misspelt_anywhere():
    assert all(schema.get("additionalProperties") is False for schema in objects(SCHEMA))


@pytest.mark.parametrize(
    "mistake",
    [
        {"replica": 3},
        {"replicas": "2"},
        {"replicas": 11},
        {"image": "perennial operator"},
        {"imagePullPolicy": "Sometimes"},
        {"stores": {"default": {}}},
        {"stores": {"default": {"bucket": "models", "endpoint": "s3.example.com"}}},
        {"stores": {"Default": {"bucket": "models"}}},
        {"pauses": {"drain": "15"}},
        {"lease": {"durationSeconds": 1}},
        {"limits": {"jobsPerNamespace": 0}},
        {"watchNamespaces": ["Delays"]},
        {"watchNamespaces": "delays"},
        {"crds": {"install": "yes"}},
        {"podLabels": {"team": 7}},
        {"networkPolicy": {"apiServerPorts": [70000]}},
        {"serviceMonitor": {"interval": "30"}},
        {"serviceAccount": {"name": "Perennial"}},
        {"imagePullSecrets": ["registry"]},
    ],
    ids=str,
)
def test_a_mistake_in_the_values_is_refused(mistake):
    assert refused(mistake)


def test_values_of_a_parent_chart_are_let_through():
    assert refused({"global": {"team": "delays"}}) == []


def test_the_operator_asks_for_no_wildcard_and_reads_no_secret():
    for rule in (*RULES, *LEADER_RULES):
        asked = {*rule.api_groups, *rule.resources, *rule.verbs}
        assert not [word for word in asked if "*" in word]
        assert "secrets" not in rule.resources or rule.verbs == ("create",)
        assert not {"escalate", "bind", "impersonate"} & set(rule.verbs)


def test_every_value_is_explained_in_the_readme():
    readme = (CHART / "README.md").read_text()
    top_level = [name for name in SCHEMA["properties"] if name != "global"]
    assert [name for name in top_level if f"| `{name}" not in readme] == []
