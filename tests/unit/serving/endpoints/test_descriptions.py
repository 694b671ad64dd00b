import json

import pytest

from builders.small_model import DIGEST, INPUTS, MODEL, VERSION, schema, small_model
from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input
from perennial.artifacts.tier import Tier
from perennial_serving.endpoints.descriptions import (
    example_row,
    example_value,
    model_description,
    model_metadata,
    server_metadata,
)


def test_the_server_says_which_extensions_it_knows():
    described = server_metadata()
    assert described["name"] == "perennial"
    assert described["extensions"] == ["binary_tensor_data"]


def test_the_platform_of_a_model_is_its_tier():
    assert model_metadata(small_model())["platform"] == "perennial_compiled"
    pipeline = small_model(tier=Tier.PIPELINE)
    assert model_metadata(pipeline)["platform"] == "perennial_pipeline"


def test_clients_learn_every_tensor_and_the_datatype_that_carries_it_best():
    described = model_metadata(small_model())
    assert (described["name"], described["versions"]) == (MODEL, [VERSION])
    assert {one["name"]: one["datatype"] for one in described["inputs"]} == {
        "carrier": "BYTES",
        "dep_delay": "FP64",
        "distance": "INT64",
        "dest": "BYTES",
        "weekend": "BOOL",
        "time_hour": "BYTES",
    }


@pytest.mark.parametrize(
    ("classes", "outputs"),
    [
        ((False, True), ["predict", "predict_proba", "prediction_id"]),
        (None, ["predict", "prediction_id"]),
    ],
)
def test_probabilities_are_offered_by_models_that_give_them(classes, outputs: list[str]):
    described = model_metadata(small_model(schema(classes)))
    assert [one["name"] for one in described["outputs"]] == outputs


def test_a_person_learns_what_is_served_and_what_to_ask():
    described = model_description(small_model())
    assert (described["model"], described["version"]) == (MODEL, VERSION)
    assert (described["digest"], described["tier"]) == (DIGEST, "Compiled")
    assert described["inputs"][2]["name"] == "distance"
    json.dumps(described)


def test_the_example_lies_within_what_training_saw():
    assert example_row(INPUTS) == {
        "carrier": "B6",
        "dep_delay": 20.0,
        "distance": 2540,
        "dest": "IAH",
        "weekend": True,
        "time_hour": "2026-01-31T12:00:00Z",
    }


@pytest.mark.parametrize("kind", list(ColumnType))
def test_a_column_that_was_never_filled_has_an_example_too(kind: ColumnType):
    assert example_value(Input(name="x", type=kind, nullable=True)) is not None
