import gzip
import json

import pytest

from builders.small_model import ROW
from doubles.service import LIMITS, Served
from perennial_serving.endpoints.prediction_service import compressed, error_response
from perennial_serving.http.messages import Request, Response
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.wire.errors import RequestError


def request(body: bytes = b"", **headers: str) -> Request:
    spelled = {name.replace("_", "-").encode(): text.encode() for name, text in headers.items()}
    return Request("POST", "/predict", spelled, body, "test")


ANSWERING = Served().service._dependencies.predictions


def test_a_body_may_come_compressed():
    assert ANSWERING.body(request(gzip.compress(b"{}"), content_encoding="gzip")) == b"{}"
    assert ANSWERING.body(request(b"{}", content_encoding="identity")) == b"{}"
    assert ANSWERING.body(request(b"{}")) == b"{}"


def test_a_body_of_absurdly_many_values_is_refused_before_it_is_read():
    with pytest.raises(RequestError, match="more values than 20 rows have") as refusal:
        ANSWERING.body(request(b"{}," * 1300))
    assert refusal.value.status == 413


@pytest.mark.parametrize(
    "long",
    [
        request(bytes(LIMITS.body_bytes + 1)),
        request(gzip.compress(bytes(LIMITS.body_bytes + 1)), content_encoding="gzip"),
    ],
)
def test_a_body_over_the_limit_is_refused(long: Request):
    with pytest.raises(RequestError) as refusal:
        ANSWERING.body(long)
    assert refusal.value.status == 413


def test_what_may_take_long_is_told_by_the_body_alone():
    assert not ANSWERING.is_long(request(bytes(1000)))
    assert ANSWERING.is_long(request(bytes(100_000)))
    assert ANSWERING.is_long(request(b"", content_encoding="gzip"))


def test_few_rows_are_those_that_take_two_milliseconds():
    predictions = Served().service._dependencies.predictions
    for microseconds, few in ((600, 3), (700, 2), (1e9, 1)):
        predictions.set_row_cost(microseconds)
        assert predictions.rows_in_loop == few


def test_a_large_answer_is_compressed_for_those_who_like_that():
    large = b"1" * 100_000
    response = compressed(request(accept_encoding="gzip"), Response(large))
    assert gzip.decompress(response.body) == large
    assert dict(response.headers)["content-encoding"] == "gzip"
    assert compressed(request(), Response(large)).body == large
    assert compressed(request(accept_encoding="br"), Response(large)).body == large


def test_a_small_answer_is_not_compressed():
    assert compressed(request(accept_encoding="gzip"), Response(b"1" * 1000)).headers == ()


def test_a_row_that_the_model_refuses_is_named_with_its_place():
    form = Served().service._routes["/predict"]["POST"]._format
    asked = form.read(request(), json.dumps([ROW, ROW]).encode())
    response = error_response(request(), RowRefusedError(1, "dest", "not there"), asked)
    assert (response.status, response.rows) == (422, 2)
    assert json.loads(response.body) == {"error": "not there", "path": "$[1].dest"}
    response = error_response(request(), RowRefusedError(1, None, "no answer"), asked)
    assert json.loads(response.body) == {"error": "row 1: no answer", "path": "$[1]"}
