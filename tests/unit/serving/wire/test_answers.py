import json

import numpy as np
import pytest

from builders.small_model import schema
from perennial.artifacts.answers import Answers
from perennial_serving.wire.answers import PredictionsWriter, TensorsWriter, output_tensors
from perennial_serving.wire.inference import Inference, RequestedOutput

TEXTS = schema(classes=("early", "late"))
ANSWERS = Answers(["late", "early"], np.array([[0.25, 0.75], [0.5, 0.5]]))
IDS = ["one", "two"]


def rows(described, answers: Answers, ids=None) -> list[dict]:
    writer = PredictionsWriter(described, "m", "m-1")
    (text,) = writer.write([len(answers.predictions)], answers, ids)
    body = json.loads(text)
    assert (body["model"], body["version"]) == ("m", "m-1")
    return body["predictions"]


def test_answers_name_the_class_how_likely_each_class_is_and_themselves():
    answers = Answers([True], np.array([[0.25, 0.75]]))
    assert rows(schema(), answers, ["an id"]) == [
        {
            "prediction": True,
            "probabilities": {"false": 0.25, "true": 0.75},
            "prediction_id": "an id",
        }
    ]


@pytest.mark.parametrize("name", ["late", 'so "late"', "c\\d", "a\nb", "c1", "", "naïve"])
def test_a_class_may_have_any_name(name: str):
    answers = Answers([name, "c0"], np.array([[0.25, 0.75], [1.0, 0.0]]))
    told = [one["probabilities"] for one in rows(schema(classes=("c0", name)), answers)]
    assert told == [{"c0": 0.25, name: 0.75}, {"c0": 1.0, name: 0.0}]


def test_the_servers_own_rows_have_no_ids():
    assert rows(TEXTS, Answers(["late"], None)) == [{"prediction": "late"}]


def test_numbers_are_written_with_every_digit():
    assert rows(schema(classes=None), Answers([0.1 + 0.2], None)) == [{"prediction": 0.1 + 0.2}]


def test_the_answers_of_several_requests_are_told_apart():
    writer = PredictionsWriter(TEXTS, "m", "m-1")
    answers = Answers(["late", "early", "late"], None)
    bodies = [json.loads(body) for body in writer.write([1, 2], answers, ["a", "b", "c"])]
    told = [[one["prediction_id"] for one in body["predictions"]] for body in bodies]
    assert told == [["a"], ["b", "c"]]


def asked(*outputs: RequestedOutput, rows: int = 2, id_: str | None = None) -> Inference:
    return Inference([()] * rows, lambda *_: "$", outputs, id_)


def written(*outputs: RequestedOutput, ids=IDS, id_: str | None = None) -> tuple[dict, bytes]:
    writer = TensorsWriter(TEXTS, "m", "m-1")
    ((body, size),) = writer.write([asked(*outputs, id_=id_)], ANSWERS, ids)
    return json.loads(body[:size]), b"" if size is None else body[size:]


PREDICT = RequestedOutput("predict", binary=False)
PROBABILITIES = RequestedOutput("predict_proba", binary=False)
PREDICTION_ID = RequestedOutput("prediction_id", binary=False)


def test_answers_are_tensors():
    assert written(PREDICT, PROBABILITIES, PREDICTION_ID)[0] == {
        "model_name": "m",
        "model_version": "m-1",
        "outputs": [
            {"name": "predict", "datatype": "BYTES", "shape": [2], "data": ["late", "early"]},
            {
                "name": "predict_proba",
                "datatype": "FP64",
                "shape": [2, 2],
                "data": [0.25, 0.75, 0.5, 0.5],
                "parameters": {"classes": '["early","late"]'},
            },
            {"name": "prediction_id", "datatype": "BYTES", "shape": [2], "data": IDS},
        ],
    }


def test_the_tensors_of_several_requests_are_told_apart():
    writer = TensorsWriter(TEXTS, "m", "m-1")
    both = [asked(PREDICT, rows=1), asked(PREDICTION_ID, PROBABILITIES, rows=1)]
    first, second = (json.loads(body)["outputs"] for body, _ in writer.write(both, ANSWERS, IDS))
    assert [one["data"] for one in first] == [["late"]]
    assert [one["data"] for one in second] == [["two"], [0.5, 0.5]]


def test_an_id_is_given_back():
    assert written(PREDICT, id_="7")[0]["id"] == "7"
    assert "id" not in written(PREDICT)[0]


def test_outputs_come_in_the_order_they_were_asked_for():
    outputs = written(PROBABILITIES, PREDICT)[0]["outputs"]
    assert [one["name"] for one in outputs] == ["predict_proba", "predict"]


def test_binary_outputs_stand_behind_the_json_in_its_order():
    body, content = written(
        RequestedOutput("predict", binary=True),
        PREDICTION_ID,
        RequestedOutput("predict_proba", binary=True),
    )
    first, second, third = body["outputs"]
    assert first["parameters"] == {"binary_data_size": 17}
    assert second["data"] == IDS
    assert third["parameters"] == {"classes": '["early","late"]', "binary_data_size": 32}
    assert content[:17] == b"\x04\0\0\0late\x05\0\0\0early"
    assert np.frombuffer(content[17:], "<f8").tolist() == [0.25, 0.75, 0.5, 0.5]


def test_an_output_without_ids_is_left_out():
    outputs = written(PREDICT, PREDICTION_ID, ids=None)[0]["outputs"]
    assert [one["name"] for one in outputs] == ["predict"]


@pytest.mark.parametrize(
    ("classes", "datatype"),
    [((False, True), "BOOL"), ((1, 2), "INT64"), (("a", "b"), "BYTES"), (None, "FP64")],
)
def test_a_prediction_has_the_datatype_of_its_classes(classes, datatype: str):
    assert output_tensors(schema(classes=classes))["predict"]["datatype"] == datatype
