"""Input that is not a valid request, and the status of the response to it."""

import logging
import re
from http import HTTPStatus
from typing import Final

import httptools

log = logging.getLogger(__name__)

_METHOD: Final = re.compile(rb"[A-Z]{1,32} ")
_UNSUPPORTED: Final = {
    "Invalid HTTP version": HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
    "Pause on PRI/Upgrade": HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
    "Request has invalid `Transfer-Encoding`": HTTPStatus.NOT_IMPLEMENTED,
}
"""Parser errors for well-formed requests that this server does not support."""


class ProtocolError(Exception):
    """A request that is rejected before it reaches a handler; the connection is closed after it."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def protocol_error(error: httptools.HttpParserError, data: bytes) -> ProtocolError:
    """Return the error to respond with, for an error of the parser."""
    if isinstance(error, httptools.HttpParserCallbackError):
        return _from_callback(error.__context__)
    if isinstance(error, httptools.HttpParserInvalidMethodError) and _METHOD.match(data):
        return ProtocolError(HTTPStatus.NOT_IMPLEMENTED, "there is no such method")
    status = _UNSUPPORTED.get(str(error), HTTPStatus.BAD_REQUEST)
    return ProtocolError(status, f"this is not HTTP/1.1: {error}")


def _from_callback(error: BaseException | None) -> ProtocolError:
    """Return the error that a callback of the parser has raised."""
    if isinstance(error, ProtocolError):
        return error
    log.error("a request could not be parsed", exc_info=error)
    return ProtocolError(HTTPStatus.INTERNAL_SERVER_ERROR, "the server failed")
