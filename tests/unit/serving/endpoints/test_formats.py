import json

import numpy as np
import pytest

from builders.small_model import ROW, small_model
from perennial.artifacts.answers import Answers
from perennial_serving.endpoints.formats import RowsFormat, TensorsFormat
from perennial_serving.http.messages import Request
from perennial_serving.wire.errors import RequestError

ROWS, TENSORS = RowsFormat(small_model(), 10), TensorsFormat(small_model(), 10)
BODY = json.dumps(ROW).encode()
INFER = {
    "inputs": [
        {"name": "distance", "datatype": "INT64", "shape": [1], "data": [1]},
        {"name": "carrier", "datatype": "BYTES", "shape": [1], "data": ["UA"]},
    ]
}
ANSWERS = Answers([True], np.array([[0.25, 0.75]]))


def request(headers: dict[bytes, bytes]) -> Request:
    return Request("POST", "/", headers)


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json",
        b"application/json; charset=utf-8",
        b"Application/JSON",
        b"application/vnd.example+json",
        b"application/x-www-form-urlencoded",  # curl -d
        b"",
    ],
)
def test_a_body_may_be_called_json_in_many_ways(content_type: bytes):
    headers = {b"content-type": content_type}
    assert ROWS.read(request(headers), BODY).rows
    assert TENSORS.read(request(headers), json.dumps(INFER).encode()).rows


@pytest.mark.parametrize("content_type", [b"text/csv", b"application/octet-stream", b"\xff"])
def test_a_foreign_content_type_is_refused(content_type: bytes):
    for form in (ROWS, TENSORS):
        with pytest.raises(RequestError) as refused:
            form.read(request({b"content-type": content_type}), BODY)
        assert refused.value.status == 415


def test_binary_tensors_say_how_much_of_the_body_is_json():
    text = json.dumps(INFER).encode()
    headers = {
        b"content-type": b"application/octet-stream",
        b"inference-header-content-length": str(len(text)).encode(),
    }
    assert TENSORS.read(request(headers), text).rows


@pytest.mark.parametrize("length", [b"", b"-1", b"1.5", b"many", b"9" * 30, b"\xb2"])
def test_a_length_that_is_no_whole_number_is_refused(length: bytes):
    with pytest.raises(RequestError):
        TENSORS.read(request({b"inference-header-content-length": length}), b"{}")


def test_rows_are_answered_in_json():
    (response,) = ROWS.write([ROWS.read(request({}), BODY)], ANSWERS, ["id"])
    assert (response.content_type, response.rows) == ("application/json", 1)


def test_binary_answers_say_how_much_of_them_is_json():
    body = json.dumps({**INFER, "parameters": {"binary_data_output": True}}).encode()
    (response,) = TENSORS.write([TENSORS.read(request({}), body)], ANSWERS, ["id"])
    assert response.content_type == "application/octet-stream"
    ((name, length),) = response.headers
    assert name == "inference-header-content-length"
    outputs = json.loads(response.body[: int(length)])["outputs"]
    assert sum(one["parameters"]["binary_data_size"] for one in outputs) + int(length) == len(
        response.body
    )
