import pytest

from builders.model import data, report, request
from perennial.api.model_version import ModelVersionSpec
from perennial.api.tier import Tier
from perennial.planning.model.new_version import model_version


def made(with_request=None, number=7, **facts):
    reported = report().model_copy(update=facts)
    return model_version("delay", "delays", number, with_request or request(), reported)


def artifact(**facts):
    return ModelVersionSpec.model_validate(made(**facts)["spec"]).artifact


def test_a_version_is_named_after_its_inputs():
    name = made()["metadata"]["name"]
    assert name == f"delay-{request().inputs.removeprefix('sha256:')[:8]}"
    assert made(request(learned=data(digit="b")))["metadata"]["name"] != name
    assert made(number=8)["metadata"]["name"] == name


def test_everything_that_produced_it_and_everything_measured_stands_in_it():
    spec = ModelVersionSpec.model_validate(made(request(revision="4f2c"))["spec"])
    assert spec.number == 7
    assert spec.inputs.dataset.digest == data().snapshot.digest
    assert spec.inputs.training.image == "job:1"
    assert spec.inputs.training.parameters == {"max_iter": "100"}
    assert spec.inputs.source.revision == "4f2c"
    assert spec.artifact.store == "default"
    assert spec.evaluation.metrics["roc_auc"].value == "0.741"


def test_how_it_is_served_and_why_not_faster_is_recorded():
    compiled = artifact(tier=Tier.COMPILED, compared_rows=12_000, largest_difference=5.551e-16)
    assert (compiled.format, compiled.tier, compiled.tier_reason) == ("Compiled", "Compiled", None)
    assert (compiled.compared_rows, compiled.largest_difference) == (12_000, "0.000000000000000555")
    fallback = artifact(tier=Tier.ENCODED, tier_reason="SVC is not compiled")
    assert (fallback.format, fallback.tier_reason) == ("Skops", "SVC is not compiled")


@pytest.mark.parametrize(
    ("difference", "text"),
    [(0.0, "0"), (1e-300, "0"), (1.23e-18, "0.00000000000000000123"), (1e9, "1000000000")],
)
def test_any_difference_is_a_decimal(difference, text):
    assert artifact(largest_difference=difference).largest_difference == text


def test_what_is_not_known_is_not_written():
    assert "source" not in made()["spec"]["inputs"]
    assert "null" not in str(made()).lower().replace("none", "null")


def test_it_carries_the_labels_of_its_model():
    assert made()["metadata"]["labels"]["perennial.dev/name"] == "delay"
