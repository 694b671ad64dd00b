import json

from perennial_serving.http.messages import Request, Response, as_json


def test_a_person_can_read_what_is_answered():
    assert as_json({"live": True}).body == b'{\n  "live": true\n}\n'
    assert json.loads(as_json([]).body) == []


def test_a_request_needs_no_more_than_method_and_path():
    request = Request("GET", "/v2")
    assert (request.headers, request.body) == ({}, b"")
    request.headers[b"a"] = b"b"
    assert Request("GET", "/v2").headers == {}


def test_a_response_is_json_unless_it_says_otherwise():
    response = Response(b"{}")
    assert (response.status, response.content_type, response.rows) == (200, "application/json", 0)
