import logging

import httptools
import pytest

from perennial_serving.http.errors import ProtocolError, protocol_error


def parsed(data: bytes, on_url=lambda _: None) -> httptools.HttpParserError:
    class Callbacks:
        pass

    callbacks = Callbacks()
    callbacks.on_url = on_url
    with pytest.raises(httptools.HttpParserError) as error:
        httptools.HttpRequestParser(callbacks).feed_data(data)
    return error.value


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
        (b"\x16\x03\x01", 400),
        (b"GET / HTTP/3.0\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nx\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", 501),
    ],
)
def test_what_the_parser_says_has_a_status(data: bytes, status: int):
    assert protocol_error(parsed(data), data).status == status


def test_a_refusal_of_ours_stays_what_it_is():
    mine = ProtocolError(417, "no")

    def refuse(_url: bytes) -> None:
        raise mine

    assert protocol_error(parsed(b"GET / HTTP/1.1\r\n\r\n", refuse), b"GET /") is mine


def test_a_fault_of_ours_is_no_fault_of_the_callers(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.CRITICAL)

    def fail(_url: bytes) -> None:
        raise KeyError("secret")

    refusal = protocol_error(parsed(b"GET / HTTP/1.1\r\n\r\n", fail), b"GET /")
    assert (refusal.status, str(refusal)) == (500, "the server failed")
