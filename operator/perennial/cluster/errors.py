"""The errors of requests to the API server."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A request to the API server failed."""


class TransientError(ApiError):
    """The server is overloaded, unreachable or restarting: the request may succeed later."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """`retry_after` is the number of seconds that the server asks to wait."""
        super().__init__(message)
        self.retry_after = retry_after


class FencedError(ApiError):
    """The request was not sent, because this replica no longer holds the lease."""


class NotFoundError(ApiError):
    """The object, or the kind itself, does not exist."""


class AlreadyExistsError(ApiError):
    """The name of the object to be created is in use."""


class ConflictError(ApiError):
    """The object has changed since it was read, or is another one of the same name."""


class ExpiredError(ApiError):
    """A list took longer than the server keeps its history, and must start over."""


class ForbiddenError(ApiError):
    """RBAC or admission does not allow the request."""


class QuotaExceededError(ForbiddenError):
    """A ResourceQuota of the namespace is used up."""


class NamespaceTerminatingError(ForbiddenError):
    """The namespace is being deleted, so nothing can be created in it."""


class InvalidError(ApiError):
    """The object violates a rule of its kind, so repeating the request cannot help."""


class SchemaOutdatedError(InvalidError):
    """The installed CRD lacks a field that this operator writes."""


class NameTakenError(ApiError):
    """A foreign object has the name of a child; it is never adopted."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"{kind} {name} exists and does not belong to this object: "
            "delete or rename one of the two"
        )


_TRANSIENT = {401, 408, 429}
_BY_CODE: Mapping[int, type[ApiError]] = {
    400: InvalidError,
    404: NotFoundError,
    410: ExpiredError,
    422: InvalidError,
}


def from_response(
    code: int, status: Mapping[str, Any], retry_after: float | None = None
) -> ApiError:
    """Return the error for a response with this HTTP status code and body."""
    message = str(status.get("message") or f"HTTP {code}")
    if code == 500 and "field not declared in schema" in message:  # noqa: PLR2004
        return SchemaOutdatedError(
            f"{message}; the CRDs are older than this operator: install its own"
        )
    if code in _TRANSIENT or code >= 500:  # noqa: PLR2004
        return TransientError(message, retry_after)
    if code == 403:  # noqa: PLR2004
        return _forbidden(message, status)
    if code == 409:  # noqa: PLR2004
        return (AlreadyExistsError if status.get("reason") == "AlreadyExists" else ConflictError)(
            message
        )
    return _BY_CODE.get(code, InvalidError)(message)


def _forbidden(message: str, status: Mapping[str, Any]) -> ForbiddenError:
    causes = (status.get("details") or {}).get("causes") or ()
    if any(cause.get("reason") == "NamespaceTerminating" for cause in causes):
        return NamespaceTerminatingError(message)
    if "exceeded quota" in message:
        return QuotaExceededError(message)
    return ForbiddenError(message)
