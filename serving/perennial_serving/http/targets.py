"""The path of a request target."""

from functools import lru_cache
from http import HTTPStatus
from urllib.parse import unquote

import httptools

from perennial_serving.http.errors import ProtocolError
from perennial_serving.http.limits import TARGET_BYTES


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
    return unquote(path.decode("latin-1"))


def _path_of_url(target: bytes) -> bytes:
    """Return the path of an absolute URL, as clients of a proxy send it."""
    try:
        path: bytes | None = httptools.parse_url(target).path
    except httptools.HttpParserInvalidURLError as error:
        raise ProtocolError(HTTPStatus.BAD_REQUEST, "the target is no path") from error
    return path or b"/"
