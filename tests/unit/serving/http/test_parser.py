from random import Random

import pytest

from doubles.http_server import post
from fuzz.fair_requests import Known, fair_request
from perennial_serving.http.connections import Connections
from perennial_serving.http.errors import ProtocolError
from perennial_serving.http.limits import ConnectionLimits
from perennial_serving.http.messages import Request, Response
from perennial_serving.http.parser import Phase, RequestParser
from perennial_serving.http.response_heads import CLOSE, DEFAULT, KEEP_ALIVE
from perennial_serving.readiness import Readiness


class Taken:
    """What arrives on one connection."""

    def __init__(self) -> None:
        limits = ConnectionLimits(body_bytes=1000)
        self.shared = Connections(lambda _: Response(b""), limits, Readiness(), ())
        self.requests: list[Request] = []
        self.persistence: list[str] = []
        self.incoming = RequestParser(self.shared, self._receive)

    def _receive(self, request: Request, persistence: str) -> None:
        self.requests.append(request)
        self.persistence.append(persistence)

    def feed(self, *pieces: bytes) -> list[tuple]:
        for piece in pieces:
            self.incoming.feed(piece)
        return [(one.method, one.path, one.headers, one.body) for one in self.requests]


def test_names_of_headers_are_lower_case():
    (request,) = Taken().feed(post(b"{}", more="X-Custom: A\r\n"))
    assert request[2] == {b"host": b"x", b"x-custom": b"A", b"content-length": b"2"}


@pytest.mark.parametrize(
    ("head", "persistence"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\n", DEFAULT),
        (b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n", CLOSE),
        (b"GET / HTTP/1.0\r\n", CLOSE),
        (b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n", KEEP_ALIVE),
    ],
)
def test_an_answer_says_what_becomes_of_the_connection(head: bytes, persistence: str):
    taken = Taken()
    taken.feed(head + b"\r\n")
    assert taken.persistence == [persistence]


def test_who_says_that_the_connection_stays_says_nothing_new():
    taken = Taken()
    taken.feed(post(b"{}", more="Connection: keep-alive\r\n"), post(b"{}"))
    assert taken.persistence == [DEFAULT, DEFAULT]


def test_the_phase_tells_what_has_arrived():
    taken = Taken()
    phases = []
    for piece in (b"", b"P", b"OST / HTTP/1.1\r\n", b"host: x\r\ncontent-length: 2\r\n\r\n", b"{}"):
        taken.feed(piece)
        phases.append(taken.incoming.phase)
    assert phases == [Phase.NOTHING, Phase.HEAD, Phase.HEAD, Phase.BODY, Phase.NOTHING]


def test_any_cut_makes_the_same_requests():
    random, known = Random(5), [Known({"a": 1}, {})]
    for _ in range(200):
        whole = b"".join(fair_request(random, known).sent for _ in range(random.randint(1, 4)))
        at_once = Taken().feed(whole)
        cuts = sorted(random.randrange(len(whole)) for _ in range(random.randint(1, 6)))
        pieces = [whole[a:b] for a, b in zip((0, *cuts), (*cuts, len(whole)), strict=True)]
        assert Taken().feed(*pieces) == at_once


def test_a_body_is_the_same_in_any_number_of_pieces():
    body = bytes(range(256)) * 3
    whole = post(body)
    at = len(whole) - len(body)
    for size in (1, 100, 300, 768):
        pieces = [whole[start : start + size] for start in range(at, len(whole), size)]
        taken = Taken()
        for _ in range(2):
            taken.feed(whole[:at], *pieces)
        assert [one.body for one in taken.requests] == [body, body]


def test_a_head_that_never_ends_is_refused_in_time():
    taken = Taken()
    taken.feed(b"GET / HTTP/1.1\r\nx: ")
    with pytest.raises(ProtocolError) as refused:
        taken.feed(*(b"a" * 100,) * 10_000)
    assert refused.value.status == 431


def test_a_head_of_16_kib_is_taken_in_any_pieces():
    whole = b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * (16384 - 32) + b"\r\n\r\n"
    assert len(whole) == 16384
    for size in (1, 1000, 16383, 16384):
        pieces = (whole[start : start + size] for start in range(0, len(whole), size))
        assert len(Taken().feed(*pieces)) == 1


@pytest.mark.parametrize("size", [1, 1000, 16384])
def test_a_head_of_twice_that_length_is_refused_in_any_pieces(size: int):
    whole = b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 32768 + b"\r\n\r\n"
    pieces = (whole[start : start + size] for start in range(0, len(whole), size))
    with pytest.raises(ProtocolError) as refused:
        Taken().feed(*pieces)
    assert refused.value.status == 431


@pytest.mark.parametrize("piece", [b"a" * 1000, b"%d: 1\r\n", b"a: 1\r\n"])
def test_a_trailer_that_never_ends_is_refused_in_time(piece: bytes):
    taken = Taken()
    taken.feed(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\na: ")
    pieces = (piece.replace(b"%d", b"%d" % number) for number in range(10_000))
    with pytest.raises(ProtocolError) as refused:
        taken.feed(*pieces)
    assert refused.value.status == 431
    assert taken.requests == []


def test_a_caller_who_waits_for_a_word_is_noticed():
    taken = Taken()
    taken.feed(post(b"{}", more="Expect: 100-Continue\r\n")[:-2])
    assert taken.incoming.expects_continue
    taken.feed(b"{}")
    assert not taken.incoming.expects_continue


@pytest.mark.parametrize(
    "head",
    ["content-length: 0", "host: x\r\ntransfer-encoding: gzip, chunked", "host: x\r\nexpect: tea"],
)
def test_a_refusal_knows_its_path(head: str):
    taken = Taken()
    with pytest.raises(ProtocolError):
        taken.feed(f"POST /predict HTTP/1.1\r\n{head}\r\n\r\n".encode())
    assert taken.incoming.rejected_path == "/predict"


def test_a_refusal_knows_the_headers_that_have_arrived():
    taken = Taken()
    taken.feed(post(b"{}", more="a: before\r\n"))
    with pytest.raises(ProtocolError):
        taken.feed(b"POST / HTTP/1.1\r\nhost: x\r\nb: 1\r\nexpect: tea\r\n\r\n")
    assert taken.incoming.rejected_headers.keys() == {b"host", b"b", b"expect"}
