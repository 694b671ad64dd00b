import pytest

from perennial_serving.http.messages import Response
from perennial_serving.http.response_heads import CLOSE, DEFAULT, ResponseHeads


@pytest.fixture
def heads() -> ResponseHeads:
    heads = ResponseHeads(
        (
            ("x-perennial-version", "flight-delay-7c1f9a2b"),
            ("x-perennial-revision", "3f9c1a2b4d"),
        )
    )
    heads.refresh(1_700_000_000.5)
    return heads


def test_a_head_tells_everything_in_lines(heads: ResponseHeads):
    assert heads.of(Response(b"{}"), "id-1", DEFAULT).decode().split("\r\n") == [
        "HTTP/1.1 200 OK",
        "date: Tue, 14 Nov 2023 22:13:20 GMT",
        "content-type: application/json",
        "x-perennial-version: flight-delay-7c1f9a2b",
        "x-perennial-revision: 3f9c1a2b4d",
        "x-request-id: id-1",
        "content-length: 2",
        "",
        "",
    ]


def test_each_second_has_its_date(heads: ResponseHeads):
    heads.of(Response(b""), "a", DEFAULT)
    heads.refresh(1_700_000_001.1)
    assert b"22:13:21 GMT" in heads.of(Response(b""), "b", DEFAULT)


def test_headers_of_a_response_follow_those_of_all(heads: ResponseHeads):
    response = Response(b"", 405, headers=(("allow", "POST"),))
    head = heads.of(response, "a", CLOSE)
    assert head.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert b"\r\nconnection: close\r\nallow: POST\r\ncontent-length: 0\r\n\r\n" in head


def test_no_value_begins_a_header_of_its_own(heads: ResponseHeads):
    response = Response(b"", headers=(("a", "b\r\nset-cookie: c"),))
    assert b"\r\na: b set-cookie: c\r\n" in heads.of(response, "a", DEFAULT)


def test_a_status_without_a_name_is_told_as_well(heads: ResponseHeads):
    assert heads.of(Response(b"", 299), "a", DEFAULT).startswith(b"HTTP/1.1 299 Unnamed\r\n")
