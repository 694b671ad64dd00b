import asyncio
import logging
import threading
import time
from collections.abc import Iterator

import pytest

from builders.http_server import VERSION, Listening, echo, listening, post
from perennial_serving.http.messages import Request, Response
from perennial_serving.lifecycle import Lifecycle

GET = b"GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Listening]:
    with listening(body_bytes=1 << 20) as running:
        yield running


def test_an_answer_tells_length_version_date_and_request_id(server: Listening):
    answer = server.ask(post(b"{}"))
    assert (answer.status, answer.body) == (200, b"POST /predict {}")
    assert answer.headers["x-perennial-version"] == VERSION
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


def test_pipelined_requests_are_answered_in_their_order(server: Listening):
    caller = server.connect().send(b"".join(post(str(one).encode()) for one in range(2000)))
    bodies = [caller.answer().body for _ in range(2000)]
    assert bodies == [b"POST /predict " + str(one).encode() for one in range(2000)]


def test_pipelined_answers_that_take_their_time_keep_the_order():
    def slow_when_even(request: Request):
        async def later() -> Response:
            await asyncio.sleep(0.01)
            return echo(request)

        return echo(request) if int(request.body) % 2 else later()

    with listening(slow_when_even) as server:
        caller = server.connect().send(b"".join(post(str(one).encode()) for one in range(20)))
        bodies = [int(caller.answer().body.split()[-1]) for _ in range(20)]
    assert bodies == list(range(20))


def test_a_refusal_waits_for_the_answers_before_it():
    def slow(request: Request):
        async def later() -> Response:
            await asyncio.sleep(0.05)
            return echo(request)

        return later()

    with listening(slow) as server:
        caller = server.connect().send(post(b"1") + b"nonsense\r\n\r\n")
        assert caller.answer().body == b"POST /predict 1"
        assert caller.answer().status in {400, 501}


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
        asked = f"GET {target} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
        assert server.ask(asked).body == f"GET {path} ".encode()


def test_a_careful_caller_is_asked_for_the_body(server: Listening):
    head = b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    caller = server.connect().send(head)
    assert caller.answer().status == 100
    assert caller.send(b"{}").answer().body == b"POST / {}"
    assert caller.send(head + b"[]").answer().body == b"POST / []"


def test_a_careful_caller_with_too_much_is_spared_the_body(server: Listening):
    head = b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2000000\r\n\r\n"
    assert server.ask(head).status == 413


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


def test_who_says_no_more_still_gets_the_answers():
    def slow(request: Request):
        async def later() -> Response:
            await asyncio.sleep(0.05)
            return echo(request)

        return later()

    with listening(slow) as server:
        caller = server.connect().send(post(b"1") + post(b"2"))
        caller.say_no_more()
        assert caller.answer().body.endswith(b"1")
        assert caller.answer().body.endswith(b"2")
        assert caller.rest() == b""


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET / HTTP/1.1\r\nhost x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: x\r\n folded\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", 400),
        (post(b"0\r\n\r\n", more="transfer-encoding: chunked\r\n"), 400),
        (b"PUT / HTTP/1.1\r\nhost:x\r\ncontent-length:5\r\ntransfer-encoding:chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1048577\r\n\r\n", 413),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nhost: x\r\nexpect: more\r\n\r\n", 417),
        (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"".join(b"x%d:1\r\n" % n for n in range(101)), 431),
        (b"GET / HTTP/1.1\r\nhost: x\r\na: " + b"a" * 70000, 431),
        (b"BREW / HTTP/1.1\r\nhost: x\r\n\r\n", 501),
        (b"CONNECT a:1 HTTP/1.1\r\nhost: x\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n", 501),
        (b"GET / HTTP/2.0\r\nhost: x\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/1.2\r\nhost: x\r\n\r\n", 505),
    ],
)
def test_what_is_no_request_here_is_refused_and_ends_the_connection(
    server: Listening, request_: bytes, status: int
):
    ended = b"\r\n" if status == 431 and request_.endswith(b":1\r\n") else b""
    caller = server.connect().send(request_ + ended)
    answer = caller.answer()
    assert (answer.status, answer.headers["connection"]) == (status, "close")
    assert b'"error"' in answer.body
    assert caller.rest() == b""


def test_what_is_refused_is_counted_under_the_path_it_asked_for():
    counted: list[tuple[str, int]] = []
    with listening(body_bytes=10) as server:
        server.connections.count = lambda one, other: counted.append((one.path, other.status))
        server.ask(post(b"a" * 11))
        server.ask(b"nonsense\r\n\r\n")
    assert counted == [("/predict", 413), ("", 400)]


def test_a_body_in_chunks_is_measured_as_it_grows(server: Listening):
    caller = server.connect().send(
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    for _ in range(20):
        caller.send(b"10000\r\n" + b"a" * 65536 + b"\r\n")
    assert caller.answer().status == 413


def test_who_goes_on_sending_too_much_still_hears_why(server: Listening):
    caller = server.connect().send(post(b"a" * (4 << 20)))
    assert caller.answer().status == 413
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


def test_a_large_answer_reaches_a_slow_reader_and_others_are_answered_meanwhile():
    def large(request: Request) -> Response:
        return Response(b"a" * (16 << 20)) if request.path == "/large" else echo(request)

    with listening(large) as server:
        slow = server.connect().send(post(path="/large") + post(path="/large") + post(b"end"))
        assert server.ask(post(b"1")).status == 200
        for _ in range(2):
            assert len(slow.answer().body) == 16 << 20
        assert slow.answer().body.endswith(b"end")


def test_while_an_answer_is_not_taken_nothing_more_is_read():
    asked = []

    def large(request: Request) -> Response:
        asked.append(request.path)
        return Response(b"a" * (4 << 20))

    with listening(large) as server:
        caller = server.connect()
        for _ in range(10):
            caller.send(post(path="/large"))
            time.sleep(0.01)
        assert len(asked) < 4
        for _ in range(10):
            assert caller.answer().status == 200


def test_one_who_is_connected_too_many_gets_probes_and_nothing_else():
    with listening(connections=2) as server:
        first, second = server.connect().send(GET), server.connect().send(GET)
        assert (first.answer().status, second.answer().status) == (200, 200)
        assert server.ask(post()).status == 503
        probe = server.ask(GET)
        assert (probe.status, probe.headers["connection"]) == (200, "close")
        assert first.send(post(b"1")).answer().status == 200


def test_beyond_twice_as_many_there_is_not_even_an_answer():
    with listening(connections=1) as server:
        kept = [server.connect() for _ in range(2)]
        assert kept[0].send(GET).answer().status == 200
        with pytest.raises((ConnectionError, AssertionError)):
            server.ask(GET)
        assert kept[1].send(GET).answer().status == 200


@pytest.mark.parametrize(
    ("piece", "limit"),
    [
        (b"GET / HT", "header_seconds"),
        (b"G", "header_seconds"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{", "body_seconds"),
    ],
)
def test_who_never_finishes_is_told_so(piece: bytes, limit: str):
    with listening(**{limit: 0.1}) as server:
        caller = server.connect().send(piece)
        began = time.monotonic()
        assert caller.answer().status == 408
        assert time.monotonic() - began < 1


def test_slow_but_steady_is_still_too_slow():
    with listening(header_seconds=0.3) as server:
        caller = server.connect()
        dripping = threading.Event()

        def drip() -> None:
            while not dripping.wait(0.05):
                caller.send(b"a")

        caller.send(b"GET /")
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert caller.answer().status == 408
        finally:
            dripping.set()
            thread.join()


def test_an_idle_connection_is_closed_without_a_word():
    with listening(idle_seconds=0.2) as server:
        caller = server.connect().send(GET)
        assert caller.answer().status == 200
        assert caller.rest() == b""


def test_who_does_not_take_an_answer_is_let_go():
    with listening(lambda _: Response(b"a" * (64 << 20)), body_seconds=0.2) as server:
        server.connect().send(GET)
        deadline = time.monotonic() + 3
        while server.within(lambda: len(server.connections)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.within(lambda: len(server.connections)) == 0


def test_while_draining_every_answer_sends_its_caller_elsewhere():
    with listening(lifecycle=Lifecycle(verified=True)) as server:
        caller = server.connect()
        assert "connection" not in caller.send(GET).answer().headers
        server.lifecycle.draining = True
        assert caller.send(GET).answer().headers["connection"] == "close"
        assert caller.rest() == b""
        assert server.ask(GET).headers["connection"] == "close"


def test_in_the_end_idle_callers_are_let_go_and_answers_under_way_are_given():
    def slow(request: Request):
        async def later() -> Response:
            await asyncio.sleep(0.2)
            return echo(request)

        return later() if request.path == "/slow" else echo(request)

    with listening(slow) as server:
        idle = server.connect().send(GET)
        assert idle.answer().status == 200
        busy = server.connect().send(post(b"1", path="/slow"))
        time.sleep(0.05)
        server.lifecycle.draining = True
        leaving = asyncio.run_coroutine_threadsafe(server.connections.leave(5), server.loop)
        assert idle.rest() == b""
        idle.close()
        assert busy.answer().body == b"POST /slow 1"
        assert busy.rest() == b""
        busy.close()
        leaving.result(5)
        assert len(server.connections) == 0
