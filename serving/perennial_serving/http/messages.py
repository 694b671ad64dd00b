"""Requests and responses as plain values, independent of the server."""

from typing import Any, Final

import msgspec

JSON: Final = "application/json"


class Request(msgspec.Struct, gc=False):
    """A complete request."""

    method: str
    path: str
    """Percent-decoded, without the query."""
    headers: dict[bytes, bytes] = {}
    """By lower-case name; the values of a repeated header are joined by commas."""
    body: bytes = b""
    id: str = ""
    arrived: float = 0.0
    """`perf_counter` after the last byte was read."""


class Response(msgspec.Struct, gc=False):
    """A response; the server adds content length, request id and model version."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    rows: int = 0
    """Number of predicted rows."""


def as_json(
    value: Any,  # noqa: ANN401 - any JSON value
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
) -> Response:
    """Return a response of indented JSON."""
    body = msgspec.json.format(msgspec.json.encode(value)) + b"\n"
    return Response(body, status, headers=headers)
