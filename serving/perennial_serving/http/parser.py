"""Parses the requests of one connection, and checks each part as soon as it has arrived."""

from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from time import perf_counter
from typing import Final

import httptools

from perennial_serving.http.connections import Connections
from perennial_serving.http.errors import ProtocolError, protocol_error
from perennial_serving.http.limits import HEAD_BYTES, HEADERS
from perennial_serving.http.messages import Request
from perennial_serving.http.response_heads import CLOSE, DEFAULT, KEEP_ALIVE
from perennial_serving.http.targets import is_host, path_of

OnRequest = Callable[[Request, str], None]

_UPGRADE_HEADERS: Final = frozenset((b"connection", b"upgrade", b"http2-settings"))
_METHODS_WITH_BODY: Final = frozenset((b"POST", b"PUT", b"PATCH"))


class Phase(Enum):
    """The part of an incomplete request that is arriving."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


_NOTHING, _HEAD, _BODY = (
    Phase  # aliases, because a global is found faster than an attribute of the Enum
)


class RequestParser:
    """Turns bytes into requests, through callbacks of httptools.

    Calls `on_request` with each request and the `connection` header of its response, which is
    `default` unless the request demands another one.
    """

    __slots__ = (
        *("on_url", "_target", "_lines", "_headers", "_body", "_further_parts", "_parser"),
        *("_shared", "_longest", "_on_request", "_default", "_persistence", "_is_upgrade"),
        *("phase", "path", "since", "expects_continue", "_kept_bytes", "_unseen_bytes"),
    )

    def __init__(self, shared: Connections, on_request: OnRequest, default: str = DEFAULT) -> None:
        self._shared, self._on_request, self._default = shared, on_request, default
        self._longest = shared.limits.body_bytes
        self._target: list[bytes] = []
        self.on_url = self._target.append
        self._body, self._further_parts = b"", bytearray()
        self.path, self._persistence = "", default
        self._lines: dict[bytes, bytes] = {}
        self._headers = self._lines
        self.phase, self.since = _NOTHING, shared.now
        self.expects_continue = self._is_upgrade = False
        self._kept_bytes = self._unseen_bytes = 0
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Parse bytes; raise ProtocolError if they are invalid or exceed a limit."""
        rest = data
        while rest:
            part, rest = rest, b""
            try:
                self._parser.feed_data(part)
            except httptools.HttpParserUpgrade as upgrade:
                # httptools drops the body after an upgrade offer: parse the head again without it
                rest = self._begin_without_upgrade() + part[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                raise protocol_error(error, part[:64]) from error
        if self.phase is not _NOTHING:
            self._check_unfinished(len(data))

    @property
    def has_begun(self) -> bool:
        """Whether any request has begun."""
        return self.path != "" or self.phase is not _NOTHING

    @property
    def rejected_path(self) -> str:
        """The path of an invalid request, or an empty string if the path is invalid, too."""
        try:
            return self.path or path_of(b"".join(self._target))
        except ProtocolError:
            return ""

    @property
    def rejected_headers(self) -> dict[bytes, bytes]:
        """The headers of an invalid request that have arrived."""
        return self._headers

    def close(self) -> None:
        """Break the reference cycles with the parser and the callback."""
        del self._parser, self._on_request

    def on_message_begin(self) -> None:
        """Reset for a new request; its timeout starts at the first byte."""
        self._target.clear()
        self._headers = self._lines = {}
        self.path = ""
        self.phase, self.since, self._kept_bytes = _HEAD, self._shared.now, -1

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, and join repeated ones; this is the most frequent callback."""
        name, lines = name.lower(), self._lines
        lines[name] = b"%b, %b" % (lines[name], value) if name in lines else value

    def on_headers_complete(self) -> None:
        """Check the head before the body arrives."""
        headers = self._headers = self._lines
        length = headers.get(b"content-length")
        self._persistence = self._default
        # a content length excludes chunks; without a connection header only HTTP/1.1 persists
        if (
            length is None
            or b"connection" in headers
            or b"expect" in headers
            or not is_host(headers.get(b"host", b","))
            or not self._parser.should_keep_alive()
            or self._parser.should_upgrade()
        ):
            self._check_unusual_head(headers)
        self.path = path_of(b"".join(self._target))
        if length is not None:
            if int(length) > self._longest:
                raise self._too_long()
        elif (
            b"transfer-encoding" not in headers and self._parser.get_method() in _METHODS_WITH_BODY
        ):
            raise ProtocolError(HTTPStatus.LENGTH_REQUIRED, "say how long the body is")
        if len(headers) > HEADERS:
            raise _head_too_large(f"a head may have {HEADERS} headers")
        self.phase, self.since = _BODY, self._shared.now

    def on_body(self, part: bytes) -> None:
        """Keep a part of the body; most bodies have one part, which is not copied."""
        if self._body:
            self._further_parts += part
        else:
            self._body = part

    def on_message_complete(self) -> None:
        """Pass on a complete request."""
        if self._is_upgrade:
            return
        headers, body = self._headers, self._body
        if self._further_parts:
            body += self._further_parts
            self._further_parts.clear()
        if len(body) > self._longest:
            raise self._too_long()
        self._body = b""
        self.phase, self.since = _NOTHING, self._shared.now
        self.expects_continue = False
        self._on_request(
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

    def _check_unusual_head(self, headers: dict[bytes, bytes]) -> None:
        self._lines = {}  # trailers are not headers
        version, persists = self._parser.get_http_version(), self._parser.should_keep_alive()
        if version not in {"1.0", "1.1"}:
            error = f"this is HTTP/1.1, not {version}"
            raise ProtocolError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, error)
        if version == "1.0" and b"transfer-encoding" in headers:
            error = "HTTP/1.0 has no transfer codings: send a content length"
            raise ProtocolError(HTTPStatus.BAD_REQUEST, error)
        if version == "1.1" or b"host" in headers:
            _check_host(headers)
        if version == "1.1":
            self.expects_continue = b"expect" in headers and _expects_continue(headers[b"expect"])
        if not persists:
            self._persistence = CLOSE
        elif version == "1.0" and self._persistence is DEFAULT:
            self._persistence = KEEP_ALIVE
        if b"transfer-encoding" in headers:
            _check_coding(headers[b"transfer-encoding"])
        if self._parser.should_upgrade():
            if self._parser.get_method() == b"CONNECT":
                raise ProtocolError(HTTPStatus.NOT_IMPLEMENTED, "this is no proxy")
            self._is_upgrade = True

    def _begin_without_upgrade(self) -> bytes:
        """Start a new parser; return the head that it must parse."""
        version = self._parser.get_http_version().encode()
        line = b"%b %b HTTP/%b" % (self._parser.get_method(), b"".join(self._target), version)
        headers = (
            b"%b: %b" % (name, value)
            for name, value in self._headers.items()
            if name not in _UPGRADE_HEADERS
        )
        head = b"\r\n".join((line, *headers, b"", b""))
        default = CLOSE if b"close" in self._headers[b"connection"].lower() else self._default
        RequestParser.__init__(self, self._shared, self._on_request, default)
        return head

    def _check_unfinished(self, count: int) -> None:
        """Limit the size of an incomplete request; long heads have no callback."""
        kept_bytes = len(self._body) + len(self._further_parts)
        if kept_bytes > self._longest:
            raise self._too_long()
        if kept_bytes != self._kept_bytes:  # bytes of a new head, or of the body
            self._kept_bytes, self._unseen_bytes = kept_bytes, 0
            return
        self._unseen_bytes += count
        if self._unseen_bytes >= HEAD_BYTES:
            raise _head_too_large(f"a head or a trailer may have {HEAD_BYTES} bytes")

    def _too_long(self) -> ProtocolError:
        error = f"a body may have {self._longest} bytes: send the rows in several requests"
        return ProtocolError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error)


def _check_host(headers: dict[bytes, bytes]) -> None:
    if b"host" not in headers:
        raise ProtocolError(HTTPStatus.BAD_REQUEST, "the header host is missing")
    if not is_host(headers[b"host"]):
        error = "the header host is repeated, or is no host with an optional port"
        raise ProtocolError(HTTPStatus.BAD_REQUEST, error)


def _expects_continue(expectation: bytes) -> bool:
    wanted = expectation.strip().lower()
    if wanted not in {b"", b"100-continue"}:
        error = "nothing but 100-continue can be expected"
        raise ProtocolError(HTTPStatus.EXPECTATION_FAILED, error)
    return wanted != b""


def _check_coding(coding: bytes) -> None:
    if coding.strip().lower() != b"chunked":
        error = "no transfer coding but chunked is understood"
        raise ProtocolError(HTTPStatus.NOT_IMPLEMENTED, error)


def _head_too_large(error: str) -> ProtocolError:
    return ProtocolError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, error)
