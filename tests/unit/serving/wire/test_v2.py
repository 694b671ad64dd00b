import json

import numpy as np
import pytest

from builders.artifact import INPUTS, ROW
from perennial.api.dataset import ColumnType
from perennial.api.model import Problem
from perennial.artifacts.answers import Answers
from perennial.artifacts.schema import Input, ModelSchema
from perennial_serving.wire.errors import Refusal
from perennial_serving.wire.tensors import DATATYPES
from perennial_serving.wire.v2 import (
    Inference,
    TensorsReader,
    input_tensors,
    output_tensors,
    write_inference,
)

SCHEMA = ModelSchema(
    problem=Problem.CLASSIFICATION, target="late", classes=("early", "late"), inputs=INPUTS
)
OFFERED = ("predict", "predict_proba")
READER = TensorsReader(SCHEMA, OFFERED, limit=3)


def tensor(one: Input, *values) -> dict:
    datatype = next(iter(DATATYPES[one.type]))
    return {"name": one.name, "shape": [len(values)], "datatype": datatype, "data": list(values)}


def request(*rows: dict, **more) -> dict:
    tensors = [tensor(one, *(row[one.name] for row in rows)) for one in INPUTS]
    return {"inputs": tensors, **more}


def read(body: dict) -> Inference:
    return READER.read(json.dumps(body).encode())


def refusal(body: dict) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        read(body)
    return refused.value.error, refused.value.path


def test_every_column_comes_as_a_tensor_of_its_own():
    table = read(request(ROW, {**ROW, "carrier": "B6"})).table
    assert table.rows == 2
    assert table.columns["carrier"] == ["UA", "B6"]
    assert set(table.columns) == {one.name for one in INPUTS}


def test_a_column_that_may_be_missing_may_be_left_out():
    body = request(ROW)
    body["inputs"] = [one for one in body["inputs"] if one["name"] != "dest"]
    assert read(body).table.columns["dest"] == [None]
    body["inputs"] = [one for one in body["inputs"] if one["name"] != "carrier"]
    assert refusal(body) == ("the tensor `carrier` is missing", "$.inputs")


def test_a_lone_matrix_carries_all_columns_in_the_order_of_the_schema():
    inputs = tuple(
        Input(name=name, type=ColumnType.NUMBER, nullable=False) for name in ("a", "b", "c")
    )
    reader = TensorsReader(SCHEMA.model_copy(update={"inputs": inputs}), OFFERED, limit=3)
    matrix = {"name": "x", "shape": [2, 3], "datatype": "FP32", "data": [1, 2, 3, 4, 5, 6]}
    table = reader.read(json.dumps({"inputs": [matrix]}).encode()).table
    assert table.columns == {"a": [1, 4], "b": [2, 5], "c": [3, 6]}


def test_an_unknown_tensor_is_refused():
    body = request(ROW)
    body["inputs"].append(tensor(Input(name="seats", type=ColumnType.NUMBER, nullable=True), 1))
    assert refusal(body) == ("the model takes no `seats`", "$.inputs[6].name")


def test_a_tensor_given_twice_is_refused():
    body = request(ROW)
    body["inputs"].append(body["inputs"][0])
    assert refusal(body) == ("`dep_delay` is given twice", "$.inputs[6].name")


def test_tensors_have_the_same_number_of_rows():
    body = request(ROW, ROW)
    body["inputs"][3] = tensor(INPUTS[3], "IAH")
    assert refusal(body)[1] == "$.inputs[3].shape"


def test_a_request_without_tensors_or_rows_is_refused():
    assert refusal({"inputs": []})[1] == "$.inputs"
    assert refusal(request())[1] == "$.inputs[0].shape"
    assert refusal({})[1] == "$.inputs"


def test_a_request_with_too_many_rows_is_refused_before_its_data_is_read():
    body = request(ROW)
    body["inputs"][0] = {**body["inputs"][0], "shape": [4], "data": "not read"}
    assert refusal(body)[1] == "$.inputs[0].shape"


def test_outputs_are_answered_as_asked_and_all_of_them_unless_asked():
    assert read(request(ROW)).outputs == OFFERED
    chosen = read(request(ROW, outputs=[{"name": "predict_proba", "parameters": {}}]))
    assert chosen.outputs == ("predict_proba",)
    assert refusal(request(ROW, outputs=[{"name": "x"}]))[1] == "$.outputs[0].name"


def test_what_the_server_does_not_know_of_a_request_is_left_alone():
    body = request(ROW, id="7", parameters={"binary_data_output": True}, model_name="x")
    assert read(body).id == "7"


def test_an_id_is_a_string():
    assert refusal(request(ROW, id=7))[1] == "$.id"


def answered(*outputs: str, **more) -> dict:
    asked = read(request(ROW, ROW, outputs=[{"name": name} for name in outputs], **more))
    answers = Answers(["late", "early"], np.array([[0.25, 0.75], [0.5, 0.5]]))
    return json.loads(write_inference(answers, asked, SCHEMA, "flight-delay", "flight-delay-1"))


def test_answers_are_tensors():
    assert answered() == {
        "model_name": "flight-delay",
        "model_version": "flight-delay-1",
        "outputs": [
            {"name": "predict", "datatype": "BYTES", "shape": [2], "data": ["late", "early"]},
            {
                "name": "predict_proba",
                "datatype": "FP64",
                "shape": [2, 2],
                "data": [0.25, 0.75, 0.5, 0.5],
                "parameters": {"classes": '["early","late"]'},
            },
        ],
    }


def test_an_id_is_given_back():
    assert answered(id="7")["id"] == "7"


def test_outputs_come_in_the_order_they_were_asked_for():
    names = [one["name"] for one in answered("predict_proba", "predict")["outputs"]]
    assert names == ["predict_proba", "predict"]


def test_inputs_are_described_by_the_datatype_that_carries_them_best():
    described = {one["name"]: one["datatype"] for one in input_tensors(SCHEMA)}
    assert described == {
        "dep_delay": "FP64",
        "distance": "INT64",
        "carrier": "BYTES",
        "dest": "BYTES",
        "weekend": "BOOL",
        "time_hour": "BYTES",
    }


@pytest.mark.parametrize(
    ("classes", "datatype"),
    [((False, True), "BOOL"), ((1, 2), "INT64"), (("a", "b"), "BYTES"), (None, "FP64")],
)
def test_a_prediction_has_the_datatype_of_its_classes(classes, datatype: str):
    schema = SCHEMA.model_copy(update={"classes": classes})
    assert output_tensors(schema, rows=-1)["predict"]["datatype"] == datatype
