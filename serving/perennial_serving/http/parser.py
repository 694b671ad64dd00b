"""Requests as they arrive on one connection, checked as soon as each part is there."""

from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from time import perf_counter
from typing import Final

import httptools

from perennial_serving.http.connections import Connections
from perennial_serving.http.errors import RequestRefusedError, unreadable
from perennial_serving.http.limits import HEAD_BYTES, HEADERS
from perennial_serving.http.messages import Request
from perennial_serving.http.response_heads import CLOSE, KEEP_ALIVE, STAY
from perennial_serving.http.targets import path_of

Taker = Callable[[Request, str], None]

_ABOUT_AN_UPGRADE: Final = frozenset((b"connection", b"upgrade", b"http2-settings"))
_CARRY_BODIES: Final = frozenset((b"POST", b"PUT", b"PATCH"))


class Phase(Enum):
    """What has arrived of a request that is not whole."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


_NOTHING, _HEAD, _BODY = Phase  # looked up at each step: a module's name is found faster


class Incoming:
    """Turns bytes into requests, as the parser calls back."""

    __slots__ = (
        *("on_url", "_target", "_lines", "_headers", "_body", "_more", "_parser"),
        *("_shared", "_longest", "_take", "_usual", "_persistence", "_upgrading"),
        *("phase", "path", "since", "expects_continue", "_kept", "_unseen_bytes"),
    )

    def __init__(self, shared: Connections, take: Taker, usual: str = STAY) -> None:
        """Hand each request to `take`, with what its answer says of the connection."""
        self._shared, self._take, self._usual = shared, take, usual
        self._longest = shared.limits.body_bytes
        self._target: list[bytes] = []
        self.on_url = self._target.append
        self._body, self._more = b"", bytearray()
        self.path, self._persistence = "", usual
        self._lines: dict[bytes, bytes] = {}
        self._headers = self._lines
        self.phase, self.since = _NOTHING, shared.now
        self.expects_continue = self._upgrading = False
        self._kept = self._unseen_bytes = 0
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Take in some bytes; raise when they are no request, or too much of one."""
        rest = data
        while rest:
            piece, rest = rest, b""
            try:
                self._parser.feed_data(piece)
            except httptools.HttpParserUpgrade as upgrade:
                # the parser drops the body behind such a head: read it again without the offer
                rest = self._begin_without_upgrade() + piece[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                raise unreadable(error, piece[:64]) from error
        if self.phase is not _NOTHING:
            self._check_unfinished(len(data))

    @property
    def has_asked(self) -> bool:
        """Whether a request has ever begun."""
        return self.path != "" or self.phase is not _NOTHING

    @property
    def refused_path(self) -> str:
        """The path of what is being refused, which may be all that is right about it."""
        try:
            return self.path or path_of(b"".join(self._target))
        except RequestRefusedError:
            return ""

    def close(self) -> None:
        """Let go of parser and taker, which hold this object as this object holds them."""
        del self._parser, self._take

    def on_message_begin(self) -> None:
        """Count the time from the first byte."""
        self._target.clear()
        self._lines = {}
        self.path = ""
        self.phase, self.since, self._kept = _HEAD, self._shared.now, -1

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; this is called more often than anything else."""
        self._lines[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Refuse what can be refused before its body arrives."""
        headers = self._headers = self._lines
        length = headers.get(b"content-length")
        self._persistence = self._usual
        # a length rules chunks out, and without a word on the connection only HTTP/1.1 stays
        if (
            length is None
            or b"connection" in headers
            or b"expect" in headers
            or b"host" not in headers
            or not self._parser.should_keep_alive()
            or self._parser.should_upgrade()
        ):
            self._look_closer(headers)
        self.path = path_of(b"".join(self._target))
        if length is not None:
            if int(length) > self._longest:
                raise self._too_long()
        elif b"transfer-encoding" not in headers and self._parser.get_method() in _CARRY_BODIES:
            raise RequestRefusedError(HTTPStatus.LENGTH_REQUIRED, "say how long the body is")
        if len(headers) > HEADERS:
            raise _head_too_large(f"a head may have {HEADERS} headers")
        self.phase, self.since = _BODY, self._shared.now

    def on_body(self, piece: bytes) -> None:
        """Keep a piece; most bodies are one, and are not copied."""
        if self._body:
            self._more += piece
        else:
            self._body = piece

    def on_message_complete(self) -> None:
        """Hand over a request that is whole."""
        if self._upgrading:
            return
        headers, body = self._headers, self._body
        if self._more:
            body += self._more
            self._more.clear()
        if len(body) > self._longest:
            raise self._too_long()
        self._body = b""
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
        self._lines = {}  # trailers are no headers
        version, stays = self._parser.get_http_version(), self._parser.should_keep_alive()
        if version not in {"1.0", "1.1"}:
            error = f"this is HTTP/1.1, not {version}"
            raise RequestRefusedError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, error)
        if version == "1.1":
            _check_host(headers)
            self.expects_continue = b"expect" in headers and _expects_continue(headers[b"expect"])
        if not stays:
            self._persistence = CLOSE
        elif version == "1.0" and self._persistence is STAY:
            self._persistence = KEEP_ALIVE
        if b"transfer-encoding" in headers:
            _check_coding(headers[b"transfer-encoding"])
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
        """Bound what is kept of a request that is not whole; long heads have no callback."""
        kept = len(self._body) + len(self._more)
        if kept > self._longest:
            raise self._too_long()
        if kept != self._kept:  # some of these bytes began the request, or belong to its body
            self._kept, self._unseen_bytes = kept, 0
            return
        self._unseen_bytes += count
        if self._unseen_bytes >= HEAD_BYTES:
            raise _head_too_large(f"a head or a trailer may have {HEAD_BYTES} bytes")

    def _too_long(self) -> RequestRefusedError:
        error = f"a body may have {self._longest} bytes: send the rows in several requests"
        return RequestRefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error)


def _check_host(headers: dict[bytes, bytes]) -> None:
    if b"host" not in headers:
        raise RequestRefusedError(HTTPStatus.BAD_REQUEST, "the header host is missing")


def _expects_continue(expectation: bytes) -> bool:
    wanted = expectation.strip().lower()
    if wanted not in {b"", b"100-continue"}:
        error = "nothing but 100-continue can be expected"
        raise RequestRefusedError(HTTPStatus.EXPECTATION_FAILED, error)
    return wanted != b""


def _check_coding(coding: bytes) -> None:
    if coding.strip().lower() != b"chunked":
        error = "no transfer coding but chunked is understood"
        raise RequestRefusedError(HTTPStatus.NOT_IMPLEMENTED, error)


def _head_too_large(error: str) -> RequestRefusedError:
    return RequestRefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, error)
