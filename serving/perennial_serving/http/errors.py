"""What cannot be read as a request: the status that says so, and in what words."""

import logging
import re
from http import HTTPStatus
from typing import Final

import httptools

log = logging.getLogger(__name__)

_METHOD: Final = re.compile(rb"[A-Z]{1,32} ")
_UNREADABLE: Final = {
    "Invalid HTTP version": HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
    "Pause on PRI/Upgrade": HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
    "Request has invalid `Transfer-Encoding`": HTTPStatus.NOT_IMPLEMENTED,
}
"""What the parser says of requests that are well formed, but of no use here."""


class RequestRefusedError(Exception):
    """A request that no handler gets to see; the connection ends with the answer."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        """Say why in a caller's words."""
        super().__init__(message)
        self.status = status


def unreadable(error: httptools.HttpParserError, data: bytes) -> RequestRefusedError:
    """Return the refusal that a parser's error stands for."""
    if isinstance(error, httptools.HttpParserCallbackError):
        return _ours(error.__context__)
    if isinstance(error, httptools.HttpParserInvalidMethodError) and _METHOD.match(data):
        return RequestRefusedError(HTTPStatus.NOT_IMPLEMENTED, "there is no such method")
    status = _UNREADABLE.get(str(error), HTTPStatus.BAD_REQUEST)
    return RequestRefusedError(status, f"this is not HTTP/1.1: {error}")


def _ours(error: BaseException | None) -> RequestRefusedError:
    """Return what was raised while the parser called back."""
    if isinstance(error, RequestRefusedError):
        return error
    log.error("a request could not be taken in", exc_info=error)
    return RequestRefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, "the server failed")
