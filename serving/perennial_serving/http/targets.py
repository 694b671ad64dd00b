"""The path of a request target, and the host."""

import re
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

import httptools

from perennial_serving.http.errors import ProtocolError
from perennial_serving.http.limits import TARGET_BYTES

_HOST: Final = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[^\s,@/?#:\[\]\\]*)(:[0-9]*)?")


@lru_cache(64)
def path_of(target: bytes) -> str:
    """Return the percent-decoded path of a target, without its query."""
    if len(target) > TARGET_BYTES:
        error = f"a target may have {TARGET_BYTES} bytes"
        raise ProtocolError(HTTPStatus.REQUEST_URI_TOO_LONG, error)
    if target[:1] == b"/" and b"?" not in target and b"%" not in target:
        return target.decode("latin-1")
    if target[:1] == b"/":
        path = target.partition(b"?")[0]
    elif target == b"*":  # OPTIONS for the whole server
        return "*"
    else:
        path = _path_of_url(target)
    # An encoded slash is no separator: a rule of a gateway about `/v2/` would not see it.
    segments = map(unquote, path.decode("latin-1").split("/"))
    return "/".join(segment.replace("/", "%2F") for segment in segments)


@lru_cache(64)
def is_host(value: bytes) -> bool:
    """Return whether a host header is one host with an optional port; meshes invent names."""
    return _HOST.fullmatch(value.strip()) is not None


def _path_of_url(target: bytes) -> bytes:
    """Return the path of an absolute URL, as clients of a proxy send it."""
    try:
        path: bytes | None = httptools.parse_url(target).path
    except httptools.HttpParserInvalidURLError as error:
        raise ProtocolError(HTTPStatus.BAD_REQUEST, "the target is no path") from error
    return path or b"/"
