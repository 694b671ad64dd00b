import logging
import time

import pytest

from doubles.http_server import GET, IDENTITY, Listening, echo, listening, post
from perennial_serving.http.messages import Request, Response


def test_an_answer_tells_length_version_date_and_request_id(server: Listening):
    answer = server.ask(post(b"{}"))
    assert (answer.status, answer.body) == (200, b"POST /predict {}")
    assert dict(IDENTITY).items() <= answer.headers.items()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["date"].endswith(" GMT")
    assert len(answer.headers["x-request-id"]) == 32
    assert "connection" not in answer.headers


def test_a_callers_request_id_comes_back(server: Listening):
    assert server.ask(post(more="X-Request-ID: abc-1\r\n")).headers["x-request-id"] == "abc-1"


def test_many_requests_pass_one_connection(server: Listening):
    caller = server.connect()
    for number in range(5):
        body = str(number).encode() * number
        assert caller.send(post(body)).answer().body == b"POST /predict " + body


def test_what_came_before_a_head_belongs_to_it(server: Listening):
    caller = server.connect()
    assert caller.send(GET).answer().status == 200
    caller.send(b"PO")
    time.sleep(0.02)
    caller.send(GET)  # the method is POGET now
    assert caller.answer().status in {400, 501}


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_request_may_come_in_pieces(server: Listening, size: int):
    whole = post(b'{"rows": []}', more="Accept: a/b\r\n")
    caller = server.connect()
    for start in range(0, len(whole), size):
        caller.send(whole[start : start + size])
        time.sleep(0.0005)
    assert caller.answer().body == b'POST /predict {"rows": []}'


def test_chunks_are_put_together_and_trailers_are_no_headers():
    seen = []

    def remember(request: Request) -> Response:
        seen.append(request.headers)
        return echo(request)

    with listening(remember) as server:
        head = (
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: a/b\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        chunks = b'4\r\n{"a"\r\n3;x=y\r\n: 1\r\n1\r\n}\r\n0\r\ncontent-type: c/d\r\n\r\n'
        caller = server.connect().send(head + chunks)
        assert caller.answer().body == b'POST / {"a": 1}'
        assert caller.send(post(b"next")).answer().body == b"POST /predict next"
    assert seen[0][b"content-type"] == b"a/b"
    assert b"content-type" not in seen[1]


def test_head_is_answered_like_get_but_without_a_body(server: Listening):
    caller = server.connect().send(b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n")
    answer = caller.answer(to_head=True)
    assert (answer.status, answer.headers["content-length"]) == (200, "7")
    assert caller.send(GET).answer().body == b"GET /v2/health/live "


def test_a_path_is_told_without_query_host_and_percent_signs(server: Listening):
    for target, path in (
        ("/v2?x=1", "/v2"),
        ("/v2/%6Dodels", "/v2/models"),
        ("http://x:80/v2", "/v2"),
        ("http://x", "/"),
    ):
        pending = f"GET {target} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
        assert server.ask(pending).body == f"GET {path} ".encode()


def test_a_careful_caller_is_asked_for_the_body(server: Listening):
    head = b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    caller = server.connect().send(head)
    assert caller.answer().status == 100
    assert caller.send(b"{}").answer().body == b"POST / {}"
    assert caller.send(head + b"[]").answer().body == b"POST / []"


def test_an_offer_to_upgrade_is_declined_without_losing_the_body(server: Listening):
    offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n"
    caller = server.connect()
    for body in (b"one", b"two"):
        assert caller.send(post(body, more=offer)).answer().body == b"POST /predict " + body
    whole = post(b"three", more=offer)
    caller.send(whole[:-2])
    time.sleep(0.02)
    assert caller.send(whole[-2:]).answer().body == b"POST /predict three"
    chunked = f"POST / HTTP/1.1\r\nhost: x\r\n{offer}transfer-encoding: chunked\r\n\r\n".encode()
    assert caller.send(chunked + b"1\r\na\r\n0\r\n\r\n").answer().body == b"POST / a"


@pytest.mark.parametrize(
    "request_",
    [
        post(b"1", more="Connection: close\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"),
        b"GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    ],
)
def test_an_offer_to_upgrade_keeps_no_connection_open(server: Listening, request_: bytes):
    caller = server.connect().send(request_)
    answer = caller.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert caller.rest() == b""


def test_who_wants_to_leave_is_let_go(server: Listening):
    caller = server.connect().send(post(b"1", more="Connection: close\r\n"))
    answer = caller.answer()
    assert answer.headers["connection"] == "close"
    assert caller.rest() == b""


def test_the_older_protocol_closes_unless_told_otherwise(server: Listening):
    caller = server.connect().send(b"GET /a HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n")
    assert caller.answer().headers["connection"] == "keep-alive"
    caller.send(b"GET /b HTTP/1.0\r\n\r\n")
    assert caller.answer().headers["connection"] == "close"
    assert caller.rest() == b""


def test_a_fault_of_the_handler_is_answered_and_the_connection_goes_on(
    caplog: pytest.LogCaptureFixture,
):
    def faulty(request: Request):
        async def later() -> Response:
            raise ValueError("secret")

        if request.path == "/later":
            return later()
        raise ValueError("secret")

    caplog.set_level(logging.CRITICAL, "perennial_serving")
    with listening(faulty) as server:
        caller = server.connect()
        for path in ("/now", "/later", "/now"):
            answer = caller.send(post(path=path)).answer()
            assert answer.status == 500
            assert b"secret" not in answer.body
            assert answer.headers["x-request-id"].encode() in answer.body
