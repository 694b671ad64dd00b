"""Every example is what it claims to be: complete, valid, and read back as it was written."""

import jsonschema
import pytest

from builders.examples import documents
from golden.crd_linter import nodes
from perennial.api.kinds import DATASET, DECISION, KINDS, MODEL, MODEL_DEPLOYMENT, MODEL_VERSION
from perennial.api.schema import API_VERSION
from perennial.generate.crd import structural

EXAMPLES = {
    "churn.yaml": (DATASET, MODEL, MODEL_DEPLOYMENT),
    "flights.yaml": (DATASET, MODEL, MODEL_DEPLOYMENT),
    "flights-canary.yaml": (DATASET, MODEL_DEPLOYMENT),
    "dataset-minimal.yaml": (DATASET,),
    "dataset-full.yaml": (DATASET,),
    "dataset-fixed-window.yaml": (DATASET,),
    "model-minimal.yaml": (MODEL,),
    "model-full.yaml": (MODEL,),
    "model-version-minimal.yaml": (MODEL_VERSION,),
    "model-version-full.yaml": (MODEL_VERSION,),
    "model-deployment-minimal.yaml": (MODEL_DEPLOYMENT,),
    "model-deployment-full.yaml": (MODEL_DEPLOYMENT,),
    "model-deployment-canary.yaml": (MODEL_DEPLOYMENT,),
    "decision-promote.yaml": (DECISION,),
    "decision-rollback.yaml": (DECISION,),
}


def parts():
    for name, kinds in EXAMPLES.items():
        for kind, manifest in zip(kinds, documents(name), strict=True):
            yield pytest.param(kind.spec, manifest["spec"], id=f"{name}-{kind.name}")
            if "status" in manifest:
                yield pytest.param(kind.status, manifest["status"], id=f"{name}-{kind.name}-status")


def fields(value, path):
    """Yield the paths of a value, written as the linter writes those of a schema."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}"
            yield from fields(inner, f"{path}.{name}")
    if isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{path}[]")


@pytest.mark.parametrize(("name", "kinds"), [*EXAMPLES.items()])
def test_an_example_holds_the_kinds_that_it_is_named_for(name, kinds):
    manifests = documents(name)
    assert [manifest["kind"] for manifest in manifests] == [kind.name for kind in kinds]
    assert {manifest["apiVersion"] for manifest in manifests} == {API_VERSION}


@pytest.mark.parametrize(("model", "value"), [*parts()])
def test_an_example_fits_the_schema(model, value):
    jsonschema.validate(value, structural(model))


@pytest.mark.parametrize(("model", "value"), [*parts()])
def test_an_example_is_read_back_as_it_was_written(model, value):
    read = model.model_validate(value)
    assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_examples_of_a_kind_show_every_field(kind):
    manifests = [manifest for name in EXAMPLES for manifest in documents(name)]
    specs = [manifest["spec"] for manifest in manifests if manifest["kind"] == kind.name]
    shown = {path for spec in specs for path in fields(spec, "spec")}
    described = {node.path for node in nodes(structural(kind.spec), "spec") if node.is_field}
    not_shown = {path for path in described if "{}" not in path} - shown
    assert sorted(not_shown) == []
