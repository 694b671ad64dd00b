"""The lines before a response's body: made once a second, because they tell the date."""

from email.utils import formatdate
from functools import cache
from http import HTTPStatus
from typing import Final

from perennial_serving.http.messages import Response

STAY: Final = ""
CLOSE: Final = "connection: close\r\n"
KEEP_ALIVE: Final = "connection: keep-alive\r\n"
"""What a head says of its connection; HTTP/1.0 closes unless it is told otherwise."""


class Heads:
    """Writes heads; each kind of response has its lines ready."""

    def __init__(self, version: str) -> None:
        """Remember what every response names: the version of the model."""
        self._version = version
        self._ready: dict[tuple[int, str], str] = {}
        self._second = 0
        self._date = ""

    def refresh(self, now: float) -> None:
        """Tell another second from now on."""
        if int(now) != self._second:
            self._second = int(now)
            self._date = formatdate(now, usegmt=True)
            self._ready.clear()

    def of(self, response: Response, request_id: str, connection: str) -> bytes:
        """Return the status line and the headers of a response."""
        kind = response.status, response.content_type
        lines = self._ready.get(kind) or self._prepare(*kind)
        more = _spelled(response.headers) if response.headers else ""
        return (
            f"{lines}{request_id}\r\n{connection}{more}content-length: {len(response.body)}\r\n\r\n"
        ).encode("latin-1", "replace")

    def _prepare(self, status: int, content_type: str) -> str:
        lines = (
            f"HTTP/1.1 {status} {_phrase(status)}\r\n"
            f"date: {self._date}\r\n"
            f"content-type: {content_type}\r\n"
            f"x-perennial-version: {self._version}\r\n"
            "x-request-id: "
        )
        self._ready[status, content_type] = lines
        return lines


def _spelled(headers: tuple[tuple[str, str], ...]) -> str:
    """A line break in a value would begin a header of somebody else's making."""
    return "".join(f"{name}: {' '.join(value.splitlines())}\r\n" for name, value in headers)


@cache
def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unnamed"
