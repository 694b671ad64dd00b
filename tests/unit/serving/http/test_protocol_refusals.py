import pytest

from doubles.http_server import GET, Listening, listening, post


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
        (post(b"", more="transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n"), 400),
        (
            (
                b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n"
                b"transfer-encoding: chunked\r\n\r\n"
            ),
            501,
        ),
        (
            (
                b"POST / HTTP/1.0\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n"
                b"0\r\n\r\n"
            ),
            400,
        ),
        (b"GET / HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: user@x\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\nhost: a b\r\n\r\n", 400),
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


def test_what_is_refused_is_counted_with_its_headers():
    counted: list[bytes | None] = []
    with listening(body_bytes=10) as server:
        server.connections.count = lambda one, _: counted.append(one.headers.get(b"a"))
        server.ask(post(b"a" * 11, more="A: b\r\n"))
        server.ask(b"GET / HTTP/1.1\r\nhost: x\r\na: b\r\nexpect: more\r\n\r\n")
        server.ask(b"nonsense\r\n\r\n")
    assert counted == [b"b", b"b", None]


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


def test_a_careful_caller_with_too_much_is_spared_the_body(server: Listening):
    head = b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2000000\r\n\r\n"
    assert server.ask(head).status == 413


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
