"""Response heads; the constant lines are rebuilt once a second, because of the date."""

from email.utils import formatdate
from functools import cache
from http import HTTPStatus
from typing import Final

from perennial_serving.http.messages import Response

Headers = tuple[tuple[str, str], ...]

DEFAULT: Final = ""
CLOSE: Final = "connection: close\r\n"
KEEP_ALIVE: Final = "connection: keep-alive\r\n"
"""The `connection` header of a response; HTTP/1.0 closes by default."""


class ResponseHeads:
    """Writes heads, with cached lines per status and content type.

    `identity` holds the headers that every response has.
    """

    def __init__(self, identity: Headers) -> None:
        self._identity = _header_lines(identity)
        self._cached: dict[tuple[int, str], str] = {}
        self._second = 0
        self._date = ""

    def refresh(self, now: float) -> None:
        """Set the current time."""
        if int(now) != self._second:
            self._second = int(now)
            self._date = formatdate(now, usegmt=True)
            self._cached.clear()

    def of(self, response: Response, request_id: str, connection: str) -> bytes:
        """Return the status line and the headers of a response."""
        kind = response.status, response.content_type
        lines = self._cached.get(kind) or self._prepare(*kind)
        more = _header_lines(response.headers) if response.headers else ""
        return (
            f"{lines}{request_id}\r\n{connection}{more}content-length: {len(response.body)}\r\n\r\n"
        ).encode("latin-1", "replace")

    def _prepare(self, status: int, content_type: str) -> str:
        lines = (
            f"HTTP/1.1 {status} {_phrase(status)}\r\n"
            f"date: {self._date}\r\n"
            f"content-type: {content_type}\r\n"
            f"{self._identity}"
            "x-request-id: "
        )
        self._cached[status, content_type] = lines
        return lines


def _header_lines(headers: Headers) -> str:
    """Return header lines; a line break in a value could inject a header."""
    return "".join(f"{name}: {' '.join(value.splitlines())}\r\n" for name, value in headers)


@cache
def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unnamed"
