import json
import tracemalloc

import numpy as np
import pytest

from builders.small_model import INPUTS, ROW, schema
from perennial_serving.model.batch import Batch
from perennial_serving.wire.datatypes import DATATYPES
from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.inference import Inference, TensorsReader
from perennial_serving.wire.to_batch import BatchBuilder

OFFERED = ("predict", "predict_proba", "prediction_id")
READER = TensorsReader(schema(), OFFERED, limit=12)


def request(*rows: dict, **more) -> dict:
    inputs = [
        {
            "name": one.name,
            "shape": [len(rows)],
            "datatype": next(iter(DATATYPES[one.type])),
            "data": [row[one.name] for row in rows],
        }
        for one in INPUTS
    ]
    return {"inputs": inputs, **more}


def read(body: dict | bytes, json_bytes: int | None = None) -> Inference:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return READER.read(text, json_bytes)


def batch_of(asked: Inference) -> Batch:
    return BatchBuilder(schema()).build([asked]).batch


def refusal(body: dict | bytes, json_bytes: int | None = None) -> tuple[str, str | None]:
    with pytest.raises(RequestError) as refused:
        read(body, json_bytes)
    return refused.value.error, refused.value.path


@pytest.mark.parametrize("rows", [1, 2, 12])
def test_few_rows_and_many_make_the_same_batch(rows: int):
    batch = batch_of(read(request(*[ROW] * rows)))
    assert batch.numbers.tolist() == [[12.5, 1400, 0, 1357376400]] * rows
    assert batch.codes.tolist() == [[1, 0]] * rows
    assert list(map(list, batch.texts)) == [["UA"] * rows, ["IAH"] * rows]


def test_a_request_without_tensors_or_rows_is_refused():
    assert refusal({"inputs": []})[1] == "$.inputs"
    assert refusal(request())[1] == "$.inputs[0].shape"
    assert refusal({})[1] == "$.inputs"


def test_a_request_with_too_many_rows_is_refused_before_its_data_is_read():
    body = request(ROW)
    body["inputs"][0] = {**body["inputs"][0], "shape": [13], "data": "not read"}
    assert refusal(body)[1] == "$.inputs[0].shape"


def names(asked: Inference) -> list[str]:
    return [one.name for one in asked.outputs]


def test_outputs_are_answered_as_asked_and_all_of_them_unless_asked():
    assert names(read(request(ROW))) == list(OFFERED)
    assert names(read(request(ROW, outputs=[]))) == list(OFFERED)
    chosen = [{"name": "predict_proba", "parameters": {"classification": 1}}, {"name": "predict"}]
    assert names(read(request(ROW, outputs=chosen))) == ["predict_proba", "predict"]
    assert refusal(request(ROW, outputs=[{"name": "x"}]))[1] == "$.outputs[0].name"


def test_an_output_is_binary_where_it_or_else_the_request_says_so():
    plain = {"name": "predict", "parameters": {"binary_data": False}}
    asked = request(ROW, outputs=[plain, {"name": "predict_proba"}])
    assert [one.binary for one in read(asked).outputs] == [False, False]
    asked["parameters"] = {"binary_data_output": True}
    assert [one.binary for one in read(asked).outputs] == [False, True]


def test_what_the_server_does_not_know_of_a_request_is_left_alone():
    body = request(ROW, id="7", parameters={"priority": 1, "content_type": "pd"}, model_name="x")
    assert read(body).id == "7"


def test_an_id_is_a_string():
    assert refusal(request(ROW, id=7))[1] == "$.id"


def test_nan_is_a_missing_value_and_only_where_one_may_be_missing():
    text = json.dumps(request({**ROW, "dep_delay": np.nan})).encode()
    assert b"NaN" in text
    assert np.isnan(batch_of(read(text)).numbers[0, 0])
    error, path = refusal(json.dumps(request({**ROW, "distance": np.nan})).encode())
    assert (error, path) == ("`distance` must not be missing", "$.inputs[2].data[0]")


def test_nan_within_a_text_is_text():
    row = {**ROW, "carrier": 'a "NaN" \\', "dep_delay": np.nan}
    assert batch_of(read(json.dumps(request(row)).encode())).texts[0] == ('a "NaN" \\',)


@pytest.mark.parametrize("number", [np.inf, -np.inf])
def test_an_infinite_number_is_refused_at_its_path(number: float):
    error, path = refusal(json.dumps(request({**ROW, "dep_delay": number})).encode())
    assert path == "$.inputs[1].data[0]"
    assert "not JSON" in error


@pytest.mark.parametrize("body", [b'{"inputs": [NaN', b'"' * 9 + b"NaN", b'\\"NaN' * 9, b"-NaN"])
def test_nan_in_what_is_no_json_is_refused(body: bytes):
    assert refusal(body)


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"N", b'"N"'])
def test_looking_for_nan_takes_neither_long_nor_much_memory(piece: bytes):
    body = b'"' + piece * 500_000 + b" NaN"
    tracemalloc.start()
    try:
        assert refusal(body)
        assert tracemalloc.get_traced_memory()[1] < 10 * len(body)
    finally:
        tracemalloc.stop()


def binary(row: dict, sizes: dict[str, bytes]) -> tuple[bytes, int]:
    body = request(row)
    for tensor in body["inputs"]:
        if tensor["name"] in sizes:
            del tensor["data"]
            tensor["parameters"] = {"binary_data_size": len(sizes[tensor["name"]])}
    text = json.dumps(body).encode()
    return b"".join([text, *sizes.values()]), len(text)


def test_binary_tensors_stand_behind_the_json_in_its_order():
    contents = {"carrier": b"\x02\0\0\0B6", "dep_delay": np.array([3.5]).tobytes()}
    batch = batch_of(read(*binary(ROW, contents)))
    assert batch.texts[0] == ("B6",)
    assert batch.numbers[0].tolist() == [3.5, 1400, 0, 1357376400]


def test_many_rows_come_in_binary_too():
    body = {
        "inputs": [
            {
                "name": "distance",
                "shape": [10],
                "datatype": "INT32",
                "parameters": {"binary_data_size": 40},
            },
            {"name": "carrier", "shape": [10], "datatype": "BYTES", "data": ["UA"] * 10},
        ]
    }
    text = json.dumps(body).encode()
    batch = batch_of(read(text + np.arange(10, dtype="<i4").tobytes(), len(text)))
    assert batch.numbers[:, 1].tolist() == list(range(10))


def test_the_json_is_no_longer_than_the_body():
    body = json.dumps(request(ROW)).encode()
    assert refusal(body, len(body) + 1)
    assert refusal(body + b"more", len(body))[1] == "$.inputs"
    assert refusal(body, 0)


def test_a_value_can_be_found_again():
    assert read(request(ROW, ROW)).path_of(1, "distance") == "$.inputs[2].data[1]"


def test_the_time_column_may_come_along_although_the_model_does_not_look_at_it():
    described = schema(time_column="booked_at")
    reader, intake = TensorsReader(described, OFFERED, limit=3), BatchBuilder(described)
    body = request(ROW)
    assert intake.build([reader.read(json.dumps(body).encode())]).times is None
    booked = {
        "name": "booked_at",
        "shape": [1],
        "datatype": "BYTES",
        "data": ["2013-01-05T09:00:00Z"],
    }
    body["inputs"].append(booked)
    assert intake.build([reader.read(json.dumps(body).encode())]).times == [1357376400.0]
