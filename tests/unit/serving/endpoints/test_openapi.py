import json

import jsonschema
import pytest

from builders.small_model import MODEL, ROW, VERSION, schema, small_model
from doubles.service import Served
from perennial_serving.endpoints.openapi import openapi

INFER = f"/v2/models/{MODEL}/infer"


def checked(name: str, value, described: dict) -> None:
    """Raise unless a value is what a schema of the description says."""
    root = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    jsonschema.Draft202012Validator(root).validate(value)


@pytest.fixture
def described() -> dict:
    return openapi(small_model(), most_rows=10)


def test_every_schema_is_a_json_schema(described: dict):
    for one in described["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(one)


def test_every_reference_leads_somewhere(described: dict):
    schemas = described["components"]["schemas"]
    for part in json.dumps(described).split('"$ref": "')[1:]:
        assert part.partition('"')[0].removeprefix("#/components/schemas/") in schemas


def test_every_operation_has_a_name_of_its_own(described: dict):
    names = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))


def test_every_described_path_is_served_and_every_other_is_not(described: dict):
    served = Served()
    for path, operations in described["paths"].items():
        for method in ("get", "post"):
            status = served.get(path, method.upper()).status
            assert (status == 405) == (method not in operations), path
            assert status != 404, path
    assert INFER in described["paths"]
    assert f"/v2/models/{MODEL}/versions/{VERSION}/infer" in described["paths"]


def test_a_row_is_described_by_the_columns_of_the_model(described: dict):
    checked("Rows", {"rows": [ROW, {**ROW, "dep_delay": None, "distance": 5.0}]}, described)
    for wrong in ({**ROW, "carrier": None}, {**ROW, "seats": 1}, {**ROW, "distance": 5.5}):
        with pytest.raises(jsonschema.ValidationError):
            checked("Rows", {"rows": [wrong]}, described)
    with pytest.raises(jsonschema.ValidationError):
        checked("Rows", {"rows": [ROW] * 11}, described)


@pytest.mark.parametrize("classes", [(False, True), ("early", "fine", "late"), (1, 2), None])
def test_answers_are_as_described(classes):
    model = small_model(schema(classes))
    served, described = Served(model), openapi(model, most_rows=10)
    checked("Predictions", json.loads(served.post("/predict", ROW).body), described)
    tensor = {"name": "distance", "datatype": "INT64", "shape": [1], "data": [1]}
    carrier = {"name": "carrier", "datatype": "BYTES", "shape": [1], "data": ["UA"]}
    request = {"id": "7", "inputs": [tensor, carrier]}
    checked("InferRequest", request, described)
    checked("InferResponse", json.loads(served.post(INFER, request).body), described)
    checked("Error", json.loads(served.post("/predict", b"").body), described)


def test_feedback_is_as_described(described: dict):
    served = Served()
    prediction = json.loads(served.post("/predict", ROW).body)["predictions"][0]
    label = {"id": prediction["prediction_id"], "label": True}
    for body in (label, {"feedback": [label]}):
        checked("Feedback", body, described)
        checked("FeedbackReply", json.loads(served.post("/feedback", body).body), described)


def test_the_time_column_is_described_as_well():
    described = openapi(small_model(schema(time_column="booked_at")), most_rows=10)
    checked("Rows", {"rows": [{**ROW, "booked_at": "2013-01-05T09:00:00Z"}]}, described)
