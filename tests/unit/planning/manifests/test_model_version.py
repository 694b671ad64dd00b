from builders.model import data, order, report
from perennial.api.model_version import ModelVersionSpec
from perennial.planning.manifests.model_version import model_version


def made(with_order=None, number=7):
    return model_version("delay", "delays", number, with_order or order(), report())


def test_a_version_is_named_after_its_inputs():
    name = made()["metadata"]["name"]
    assert name == f"delay-{order().inputs.removeprefix('sha256:')[:8]}"
    assert made(order(learned=data(digit="b")))["metadata"]["name"] != name
    assert made(number=8)["metadata"]["name"] == name


def test_everything_that_produced_it_and_everything_measured_stands_in_it():
    spec = ModelVersionSpec.model_validate(made(order(revision="4f2c"))["spec"])
    assert spec.number == 7
    assert spec.inputs.dataset.digest == data().snapshot.digest
    assert spec.inputs.training.image == "job:1"
    assert spec.inputs.training.parameters == {"max_iter": "100"}
    assert spec.inputs.source.revision == "4f2c"
    assert spec.artifact.store == "default"
    assert spec.evaluation.metrics["roc_auc"].value == "0.741"


def test_what_is_not_known_is_not_written():
    assert "source" not in made()["spec"]["inputs"]
    assert "null" not in str(made()).lower().replace("none", "null")


def test_it_carries_the_labels_of_its_model():
    assert made()["metadata"]["labels"]["perennial.dev/name"] == "delay"
