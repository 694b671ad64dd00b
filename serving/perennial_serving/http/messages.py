"""Requests and responses as plain values, whatever brought them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import msgspec

from perennial_serving.wire.errors import Refusal

JSON: Final = "application/json"
_READ_AS_JSON: Final = (
    *(JSON, "text/json", ""),
    "application/x-www-form-urlencoded",  # what `curl -d` says unless told otherwise
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body has arrived; one over the limit may be cut behind the limit."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    body: bytes = b""
    id: str = ""
    arrived: float = 0.0
    """When the last byte was read, by `perf_counter`."""


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    """Rows that were answered."""


def as_json(
    value: Any,  # noqa: ANN401 - whatever JSON can spell
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response that a person can read as well: indented JSON."""
    body = msgspec.json.format(msgspec.json.encode(value)) + b"\n"
    return Response(body, status, headers=headers or {})


def read_body(request: Request, limit: int) -> bytes:
    """Return a body that is meant as JSON and is not too large."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _READ_AS_JSON and not media_type.endswith("+json"):
        error = f"send {JSON} rather than {media_type}"
        raise Refusal(error, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    coding = request.headers.get("content-encoding", "identity").lower()
    if coding != "identity":
        error = f"send the body as it is rather than as {coding}"
        raise Refusal(error, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if len(request.body) > limit:
        error = f"a body may have {limit} bytes: send the rows in several requests"
        raise Refusal(error, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return request.body
