import json

from perennial_serving.http.messages import Request, as_json, read_body


def test_a_person_can_read_what_is_answered():
    assert as_json({"live": True}).body == b'{\n  "live": true\n}\n'
    assert json.loads(as_json([]).body) == []


def test_a_body_without_a_content_type_is_json():
    assert read_body(Request("POST", "/predict", body=b"{}"), limit=2) == b"{}"
