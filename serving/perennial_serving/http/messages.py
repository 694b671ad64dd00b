"""Requests and responses as plain values, whatever brought them."""

from typing import Any, Final

import msgspec

JSON: Final = "application/json"


class Request(msgspec.Struct, gc=False):
    """A request whose body has arrived whole."""

    method: str
    path: str
    """Without the query, percent signs decoded."""
    headers: dict[bytes, bytes] = {}
    """By lower-case name; of a repeated one the last."""
    body: bytes = b""
    id: str = ""
    arrived: float = 0.0
    """When the last byte was read, by `perf_counter`."""


class Response(msgspec.Struct, gc=False):
    """What goes back; whoever sends it adds length, request id and version."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    rows: int = 0
    """Rows that were answered."""


def as_json(
    value: Any,  # noqa: ANN401 - whatever JSON can spell
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
) -> Response:
    """Return a response that a person can read as well: indented JSON."""
    body = msgspec.json.format(msgspec.json.encode(value)) + b"\n"
    return Response(body, status, headers=headers)
