import pytest

from builders.examples import ABSENT, changed
from golden import crd_linter
from perennial.api.kinds import DATASET, KINDS, MODEL_DEPLOYMENT
from perennial.generate.crd import custom_resource_definition

VERSION = "spec.versions[0]"
ROOT = f"{VERSION}.schema.openAPIV3Schema"
SPEC = f"{ROOT}.properties.spec.properties"
STATUS = f"{ROOT}.properties.status"
COLUMN = f"{SPEC}.columns.items"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_crd_has_no_flaw(kind):
    assert crd_linter.findings(custom_resource_definition(kind)) == []


def test_all_crds_fit_into_the_annotation_of_client_side_apply():
    assert sum(crd_linter.size(custom_resource_definition(kind)) for kind in KINDS) < (
        crd_linter.LARGEST_BYTES
    )


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({f"{SPEC}.description.maxLength": ABSENT}, "spec.description: a string without maxLength"),
        ({f"{SPEC}.columns.maxItems": ABSENT}, "spec.columns: a list without maxItems"),
        (
            {f"{SPEC}.job.properties.pod.properties.labels.maxProperties": ABSENT},
            "spec.job.pod.labels: a map without maxProperties",
        ),
        ({f"{SPEC}.keep.maximum": ABSENT}, "spec.keep: an integer without minimum and maximum"),
        ({f"{SPEC}.keep.minimum": ABSENT}, "spec.keep: an integer without minimum and maximum"),
        (
            {
                f"{SPEC}.job.properties.resources.properties.limits"
                ".additionalProperties.maxLength": ABSENT
            },
            "spec.job.resources.limits{}: a string without maxLength",
        ),
        ({f"{SPEC}.keep.description": ABSENT}, "spec.keep: a field without description"),
        ({f"{SPEC}.keep.type": ABSENT}, "spec.keep: no type"),
        (
            {f"{SPEC}.refresh.properties": ABSENT},
            "spec.refresh: an object whose content is not described",
        ),
        (
            {f"{SPEC}.refresh.x-kubernetes-preserve-unknown-fields": True},
            "spec.refresh: unknown fields are kept, not refused",
        ),
        ({f"{SPEC}.keep.type": "number"}, "spec.keep: a float"),
        ({f"{SPEC}.keep.nullable": True}, "spec.keep: null beside absent"),
        (
            {f"{SPEC}.filter.x-kubernetes-list-type": ABSENT},
            "spec.filter: a list without x-kubernetes-list-type",
        ),
        ({f"{COLUMN}.required": ["type"]}, "spec.columns: a list map whose keys are not required"),
        (
            {f"{SPEC}.columns.x-kubernetes-list-map-keys": ABSENT},
            "spec.columns: a list map whose keys are not required",
        ),
        (
            {f"{SPEC}.min_rows": {"type": "boolean", "description": "Rows."}},
            "spec.min_rows: a field that is not camelCase",
        ),
        (
            {f"{SPEC}.on": {"type": "boolean", "description": "Whether."}},
            "spec.on: a field that YAML reads as a boolean",
        ),
        (
            {f"{SPEC}.otherColumns.enum": ["Infer", "Off"]},
            "spec.otherColumns: the choice Off, which YAML reads as a boolean",
        ),
        (
            {f"{SPEC}.otherColumns.enum": ["infer"]},
            "spec.otherColumns: the choice infer, which is not CamelCase",
        ),
        (
            {f"{COLUMN}.x-kubernetes-validations": [{"rule": "true"}]},
            "spec.columns[]: the rule true without a message",
        ),
        (
            {f"{STATUS}.properties.phase": {"type": "boolean", "description": "Phase."}},
            "status.phase: a phase; conditions say more",
        ),
        (
            {f"{STATUS}.default": {}},
            "status: an object that no operator has seen counts as current",
        ),
        (
            {f"{STATUS}.properties.conditions.x-kubernetes-list-map-keys": ["reason"]},
            "status.conditions: not a list map by type",
        ),
        (
            {f"{STATUS}.properties.conditions.items.required": ["type", "status"]},
            "status.conditions[]: not the conditions that every tool reads",
        ),
        (
            {f"{VERSION}.subresources": {}},
            "subresources: the status can be written with the spec",
        ),
        (
            {f"{VERSION}.additionalPrinterColumns[0].name": "Fine"},
            "additionalPrinterColumns: no Ready",
        ),
        (
            {f"{VERSION}.additionalPrinterColumns[1].priority": 1},
            "additionalPrinterColumns: no Reason",
        ),
        ({f"{ROOT}.required": []}, "spec: not required"),
        (
            {f"{ROOT}.x-kubernetes-validations": []},
            "metadata.name: no limit that leaves room for the names of children",
        ),
        ({"spec.names.shortNames": ["ds"]}, "names: ds is the short name of another kind"),
        ({"spec.names.categories": ["all", "perennial"]}, "names: 'kubectl get all' is not for us"),
        ({"spec.names.categories": []}, "names: 'kubectl get perennial' does not show it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_linter_catches(change, finding):
    assert finding in crd_linter.findings(changed(custom_resource_definition(DATASET), change))


def test_autoscalers_find_replicas_and_selector_in_the_schema():
    crd = custom_resource_definition(MODEL_DEPLOYMENT)
    (version,) = crd["spec"]["versions"]
    for path in version["subresources"]["scale"].values():
        schema = version["schema"]["openAPIV3Schema"]
        for name in path.strip(".").split("."):
            schema = schema["properties"][name]
        assert schema["type"] in {"integer", "string"}
