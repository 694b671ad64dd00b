import pytest
from pydantic import ValidationError

from builders.examples import changed, example
from perennial.api.model_version import ModelVersionSpec

SPEC = example("model-version-full.yaml")["spec"]


def test_a_version_names_everything_that_produced_it():
    inputs = ModelVersionSpec.model_validate(SPEC).inputs
    assert inputs.dataset.rows == 12500
    assert inputs.dataset.from_
    assert inputs.training.parameters["C"] == "0.1"


def test_the_start_of_the_data_is_called_from_on_the_wire():
    written = ModelVersionSpec.model_validate(SPEC).model_dump(mode="json", by_alias=True)
    assert written["inputs"]["dataset"]["from"] == "2026-03-01T00:00:00Z"


def test_a_version_from_before_there_were_tiers_is_still_one():
    added = ("tier", "tierReason", "comparedRows", "largestDifference")
    older = {name: value for name, value in SPEC["artifact"].items() if name not in added}
    artifact = ModelVersionSpec.model_validate({**SPEC, "artifact": older}).artifact
    assert (artifact.format, artifact.tier, artifact.compared_rows) == ("Skops", "Pipeline", 0)


@pytest.mark.parametrize(
    "mistake",
    [
        {"artifact.digest": "sha256:abc"},
        {"artifact.format": "Pickle"},
        {"evaluation.metrics.gini": {"value": "1", "low": "1", "high": "1"}},
        {"number": 0},
    ],
)
def test_what_cannot_be_a_version_is_refused(mistake):
    with pytest.raises(ValidationError):
        ModelVersionSpec.model_validate(changed(SPEC, mistake))
