"""What the real API server makes of the CustomResourceDefinitions."""

import secrets

import pytest

from builders.examples import changed, example
from builders.filled import filled
from harness.api import RefusedError
from harness.fixtures import fresh_namespace
from harness.kubectl import Kubectl, conditions
from integration.crds.admission import admitted
from perennial.api.kinds import DATASET, KINDS, MODEL_VERSION
from perennial.api.schema import GROUP
from perennial.generate.crd import custom_resource_definition, structural

pytestmark = pytest.mark.integration

SMALL = {
    "Dataset": "dataset-minimal.yaml",
    "Model": "model-minimal.yaml",
    "ModelVersion": "model-version-minimal.yaml",
    "ModelDeployment": "model-deployment-minimal.yaml",
    "Decision": "decision-promote.yaml",
}
POD = structural(DATASET.spec)["properties"]["job"]["properties"]["pod"]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def home(place):
    """Return kubectl in a namespace of the test's own; every kind is served."""
    with fresh_namespace(place.api) as kubectl:
        yield kubectl


def in_another_group(kind):
    """Return the CRD under a group that was never seen: nothing of it is grandfathered."""
    crd = custom_resource_definition(kind)
    group = f"test-{secrets.token_hex(4)}.{GROUP}"
    changes = {"metadata.name": f"{kind.plural}.{group}", "spec.group": group}
    return changed(crd, changes)


@every_kind
def test_a_crd_is_established_and_structural_and_not_too_costly(kind, place):
    everywhere = Kubectl(place.api)
    crd = everywhere.create(in_another_group(kind))
    name = crd["metadata"]["name"]
    try:
        established = everywhere.wait_for("CustomResourceDefinition", name, "Established")
        assert set(conditions(established)) == {"Established", "NamesAccepted"}
        assert conditions(established)["NamesAccepted"]["status"] == "True"
    finally:
        everywhere.delete("CustomResourceDefinition", name)


@every_kind
def test_an_object_that_no_operator_has_seen_is_not_up_to_date(kind, home):
    created = home.create(example(SMALL[kind.name]))
    assert created["status"]["observedGeneration"] == -1


@every_kind
def test_the_largest_status_is_stored_whole(kind, home):
    name = home.create(example(SMALL[kind.name]))["metadata"]["name"]
    status = filled(structural(kind.status))
    assert home.patch(kind.name, name, {"status": status}, "status")["status"] == status


@every_kind
def test_kubectl_get_answers_the_first_question(kind, home):
    home.create(example(SMALL[kind.name]))
    table = home.api.table(home.api.resource(kind.name).path(home.namespace))
    shown = [column["name"] for column in table["columnDefinitions"] if not column["priority"]]
    assert shown == ["Name", *(column.name for column in kind.columns if not column.wide)]


def test_kubectl_get_shows_what_the_status_says(home):
    full = example("model-version-full.yaml")
    name = home.create(full)["metadata"]["name"]
    home.patch("ModelVersion", name, {"status": full["status"]}, "status")
    table = home.api.table(home.api.resource("ModelVersion").path(home.namespace))
    (row,) = table["rows"]
    assert row["cells"][:7] == [
        *(name, "sells-fast", 7, "True", "average_precision 0.641"),
        *("Encoded", "GatesPassed"),
    ]


def test_a_version_never_changes(home):
    name = home.create(example("model-version-full.yaml"))["metadata"]["name"]
    with pytest.raises(
        RefusedError, match=r"spec: .*a ModelVersion is immutable: change the Model"
    ):
        home.patch("ModelVersion", name, {"spec": {"number": 8}})
    labelled = home.patch("ModelVersion", name, {"metadata": {"labels": {"audited": "2027"}}})
    assert labelled["metadata"]["generation"] == 1


def test_versions_are_found_by_their_model(home):
    for name in ("model-version-full.yaml", "model-version-minimal.yaml"):
        home.create(example(name))
    (found,) = home.all("ModelVersion", fields="spec.model.name=sells-fast")
    assert found["metadata"]["name"].startswith("sells-fast-")


def test_an_autoscaler_reads_and_writes_replicas(home):
    name = home.create(example("model-deployment-minimal.yaml"))["metadata"]["name"]
    status = {"observedGeneration": 1, "replicas": 2, "selector": "perennial.dev/name=house-price"}
    home.patch("ModelDeployment", name, {"status": status}, "status")
    scale = home.api.request(
        "GET", home.api.resource("ModelDeployment").path(home.namespace, name, "scale")
    )
    assert (scale["spec"]["replicas"], scale["status"]["replicas"]) == (2, 2)
    assert scale["status"]["selector"] == status["selector"]
    home.scale("ModelDeployment", name, 7)
    assert home.get("ModelDeployment", name)["spec"]["replicas"] == 7


def test_no_other_kind_of_the_cluster_has_our_short_names(place):
    versions = [
        f"/apis/{group['preferredVersion']['groupVersion']}"
        for group in place.api.request("GET", "/apis")["groups"]
        if not group["name"].endswith(GROUP)
    ]
    taken = {
        name
        for path in ("/api/v1", *versions)
        for resource in place.api.request("GET", path)["resources"]
        for name in (*resource.get("shortNames", ()), resource["name"], resource["singularName"])
    }
    ours = {name for kind in KINDS for name in (*kind.short_names, kind.plural, kind.singular)}
    assert "deploy" in taken
    assert taken & ours == set()


def names(count):
    return [f"column-{number}" for number in range(count)]


LARGEST = {
    "dataset-full.yaml": {
        "spec.filter": [{"column": "region", "values": names(16)}] * 16,
        "spec.columns": [
            {
                "name": name,
                "type": "Category",
                "allowedValues": ["x" * 256, "y" * 256, "z" * 256],
                "maxMissing": "0.5",
            }
            for name in names(255)
        ]
        + [{"name": "sold_at", "type": "Timestamp"}],
        "spec.quality.uniqueKey": names(16),
        "spec.quality.forbiddenColumns": [f"{'forbidden-' * 12}{n}" for n in range(128)],
        "spec.job.pod": filled(POD),
    },
    "model-full.yaml": {
        "spec.training.recipe.parameters": {f"p{number}": "x" * 1024 for number in range(64)},
        "spec.training.recipe.search.parameters": {
            f"q{number}": ["x" * 256] * 32 for number in range(16)
        },
        "spec.training.job.pod": filled(POD),
        "spec.validation.metrics": [
            {"name": metric, "atLeast": "0.5"}
            for metric in ("roc_auc", "average_precision", "accuracy", "balanced_accuracy", "f1")
        ],
    },
    "model-deployment-full.yaml": {"spec.server.pod": filled(POD)},
}


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_manifest_is_taken(name, place):
    """Rules cost time; the API server counts it and refuses what would cost too much."""
    changes = dict(LARGEST[name])
    pod = next(key for key in changes if key.endswith(".pod"))
    changes[f"{pod}.tolerations"] = [{"key": f"k{n}", "operator": "Exists"} for n in range(16)]
    assert admitted(place, changed(example(name), changes))["spec"]


def test_a_version_with_every_field_is_taken(place):
    version = filled(structural(MODEL_VERSION.spec))
    assert admitted(place, {**example("model-version-full.yaml"), "spec": version})
