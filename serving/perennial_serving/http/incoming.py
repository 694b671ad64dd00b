"""Requests as they arrive on one connection, checked as soon as each part is there."""

from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from time import perf_counter
from typing import Final

import httptools

from perennial_serving.http.connections import Connections
from perennial_serving.http.heads import CLOSE, KEEP_ALIVE, STAY
from perennial_serving.http.limits import HEAD_BYTES, HEADERS
from perennial_serving.http.messages import Request
from perennial_serving.http.refused import RequestRefusedError, unreadable
from perennial_serving.http.targets import path_of

Taker = Callable[[Request, str], None]

# a head with a host and none of these needs no closer look
_UNUSUAL: Final = frozenset((b"connection", b"expect", b"transfer-encoding", b"upgrade"))
_ABOUT_AN_UPGRADE: Final = frozenset((b"connection", b"upgrade", b"http2-settings"))
# heads with a trace of their own never come back: who sends those is not worth remembering
_MOST_STRANGE: Final = 8
_END_OF_HEAD: Final = b"\r\n\r\n"
_CARRY_BODIES: Final = frozenset((b"POST", b"PUT", b"PATCH"))


class Phase(Enum):
    """What has arrived of a request that is not whole."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


_NOTHING, _HEAD, _BODY = Phase  # looked up at each step: a module's name is found faster


class Incoming:
    """Turns bytes into requests; the parser's callbacks are methods of C wherever they can be."""

    __slots__ = (
        *("on_url", "on_header", "on_body", "_target", "_lines", "_body", "_parser"),
        *("_shared", "_take", "_usual", "_headers", "_persistence", "_ordinary", "_upgrading"),
        *("phase", "path", "since", "expects_continue", "_unfinished_bytes", "_strange"),
    )

    def __init__(self, shared: Connections, take: Taker, usual: str = STAY) -> None:
        """Hand each request to `take`, with what its answer says of the connection."""
        self._shared, self._take, self._usual = shared, take, usual
        self._target: list[bytes] = []
        self._lines: dict[bytes, bytes] = {}
        self._body = bytearray()
        self.on_url = self._target.append
        self.on_header = self._lines.__setitem__
        self.on_body = self._body.extend
        self.path, self._persistence = "", usual
        self._headers: dict[bytes, bytes] = {}
        self.phase, self.since = _NOTHING, shared.now
        self.expects_continue = self._ordinary = self._upgrading = False
        self._unfinished_bytes = self._strange = 0
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Take in some bytes; raise when they are no request, or too much of one."""
        if self.phase is not _NOTHING:
            self._parse(data)
            return
        end = data.find(_END_OF_HEAD) + len(_END_OF_HEAD)
        known = self._shared.known.get(data[:end])
        if known is not None and len(data) - end == known[3]:
            self._strange = 0
            method, path, headers, _ = known
            self.since = self._shared.now
            request_id = self._shared.ids.of(headers.get(b"x-request-id"))
            request = Request(method, path, headers, data[end:], request_id, perf_counter())
            self._take(request, self._usual)
        else:
            self._parse(data)
            if self._strange < _MOST_STRANGE:
                self._strange += 1
                self._learn(data, end)

    def _parse(self, data: bytes) -> None:
        pieces = [data]
        while pieces:
            piece = pieces.pop()
            try:
                self._parser.feed_data(piece)
            except httptools.HttpParserUpgrade as upgrade:
                # the parser drops the body behind such a head: read it again without the offer
                pieces += (piece[upgrade.args[0] :], self._begin_without_upgrade())
            except httptools.HttpParserError as error:
                raise unreadable(error, piece[:64]) from error
        if self.phase is not _NOTHING:
            self._check_unfinished(len(data))

    def _learn(self, data: bytes, end: int) -> None:
        """Remember a head: clients repeat theirs, and what follows from it is the same."""
        if end < len(_END_OF_HEAD) or not (self._ordinary and data[:1].isalpha()):
            return
        length = int(self._headers.get(b"content-length", 0))
        if len(data) - end == length:  # one request, and nothing else
            method = self._parser.get_method().decode()
            self._shared.learn(data[:end], (method, self.path, self._headers, length))

    def close(self) -> None:
        """Let go of the parser, which holds this object as this object holds it."""
        del self._parser

    def on_message_begin(self) -> None:
        """Count the time from the first byte; trailers of the last request stood in the lines."""
        self._target.clear()
        self._lines.clear()
        self.path = ""
        self.phase, self.since, self._unfinished_bytes = _HEAD, self._shared.now, 0

    def on_headers_complete(self) -> None:
        """Refuse what can be refused before its body arrives."""
        headers = {name.lower(): value for name, value in self._lines.items()}
        self._headers = headers
        self._persistence = self._usual
        parser = self._parser
        self._ordinary = (
            _UNUSUAL.isdisjoint(headers)
            and b"host" in headers
            and parser.should_keep_alive()
            and not parser.should_upgrade()
        )
        if not self._ordinary:
            self._look_closer(headers)
        self.path = path_of(b"".join(self._target))
        length = headers.get(b"content-length")
        if length is not None:
            self._check_length(int(length))
        elif parser.get_method() in _CARRY_BODIES and b"transfer-encoding" not in headers:
            raise RequestRefusedError(HTTPStatus.LENGTH_REQUIRED, "say how long the body is")
        if len(headers) > HEADERS:
            raise _head_too_large(f"a head may have {HEADERS} headers")
        self.phase, self.since = _BODY, self._shared.now

    def on_message_complete(self) -> None:
        """Hand over a request that is whole."""
        if self._upgrading:
            return
        headers, body = self._headers, bytes(self._body)
        self._check_length(len(body))
        self._body.clear()
        self.phase, self.since = _NOTHING, self._shared.now
        self.expects_continue = False
        self._take(
            Request(
                self._parser.get_method().decode(),
                self.path,
                headers,
                body,
                self._shared.ids.of(headers.get(b"x-request-id")),
                perf_counter(),
            ),
            self._persistence,
        )

    def _look_closer(self, headers: dict[bytes, bytes]) -> None:
        version, stays = self._parser.get_http_version(), self._parser.should_keep_alive()
        if version not in {"1.0", "1.1"}:
            error = f"this is HTTP/1.1, not {version}"
            raise RequestRefusedError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, error)
        if version == "1.1":
            _check_host(headers)
            self.expects_continue = _expects_continue(headers)
        if not stays:
            self._persistence = CLOSE
        elif version == "1.0" and self._persistence is STAY:
            self._persistence = KEEP_ALIVE
        _check_coding(headers)
        if self._parser.should_upgrade():
            if self._parser.get_method() == b"CONNECT":
                raise RequestRefusedError(HTTPStatus.NOT_IMPLEMENTED, "this is no proxy")
            self._upgrading = True

    def _begin_without_upgrade(self) -> bytes:
        """Take a new parser, and return the head that it is to read."""
        line = b"%b %b HTTP/1.1" % (self._parser.get_method(), b"".join(self._target))
        headers = (
            b"%b: %b" % (name, value)
            for name, value in self._headers.items()
            if name not in _ABOUT_AN_UPGRADE
        )
        head = b"\r\n".join((line, *headers, b"", b""))
        usual = CLOSE if b"close" in self._headers[b"connection"].lower() else self._usual
        Incoming.__init__(self, self._shared, self._take, usual)
        return head

    def _check_unfinished(self, count: int) -> None:
        """Bound what is kept of a request that is not whole; a long head has no callback."""
        if self.phase is _BODY:
            self._check_length(len(self._body))
        else:
            self._unfinished_bytes += count
            if self._unfinished_bytes > 2 * HEAD_BYTES:
                raise _head_too_large(f"a head may have {HEAD_BYTES} bytes")

    def _check_length(self, length: int) -> None:
        limit = self._shared.limits.body_bytes
        if length > limit:
            error = f"a body may have {limit} bytes: send the rows in several requests"
            raise RequestRefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error)


def _check_host(headers: dict[bytes, bytes]) -> None:
    if b"host" not in headers:
        raise RequestRefusedError(HTTPStatus.BAD_REQUEST, "the header host is missing")


def _expects_continue(headers: dict[bytes, bytes]) -> bool:
    expectation = headers.get(b"expect", b"").strip().lower()
    if expectation not in {b"", b"100-continue"}:
        error = "nothing but 100-continue can be expected"
        raise RequestRefusedError(HTTPStatus.EXPECTATION_FAILED, error)
    return expectation != b""


def _check_coding(headers: dict[bytes, bytes]) -> None:
    coding = headers.get(b"transfer-encoding", b"chunked").strip().lower()
    if coding != b"chunked":
        error = "no transfer coding but chunked is understood"
        raise RequestRefusedError(HTTPStatus.NOT_IMPLEMENTED, error)


def _head_too_large(error: str) -> RequestRefusedError:
    return RequestRefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, error)
