"""What the API server can answer instead of doing what it was asked."""

# ruff: noqa: N818 - the names are findings: `except NotFound`

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """The API server did not do what it was asked."""


class Transient(ApiError):
    """Overloaded, unreachable or restarting: the same request may succeed later."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep how long the server wants to be left alone."""
        super().__init__(message)
        self.retry_after = retry_after


class Fenced(ApiError):
    """Nothing was sent, because this replica no longer holds the lease."""


class NotFound(ApiError):
    """The object, or the kind itself, does not exist."""


class AlreadyExists(ApiError):
    """The name of what was to be created is in use."""


class Conflict(ApiError):
    """The object has changed since it was read, or is not the one that was meant."""


class Expired(ApiError):
    """A list took too long: begin it again."""


class Forbidden(ApiError):
    """Not allowed: by RBAC or by admission."""


class QuotaExceeded(Forbidden):
    """A ResourceQuota of the namespace leaves no room."""


class NamespaceTerminating(Forbidden):
    """The namespace is being deleted: nothing can be created in it."""


class Invalid(ApiError):
    """The object breaks a rule of its kind; repeating the request is useless."""


class SchemaOutdated(Invalid):
    """The installed CRD does not know a field that this operator writes."""


class NameTaken(ApiError):
    """An object that is not ours has the name of a child; it is never adopted."""

    def __init__(self, kind: str, name: str) -> None:
        """Name the object."""
        super().__init__(
            f"{kind} {name} exists and does not belong to this object: "
            "delete or rename one of the two"
        )


_TRANSIENT = {401, 408, 429}
_BY_CODE: Mapping[int, type[ApiError]] = {400: Invalid, 404: NotFound, 410: Expired, 422: Invalid}


def from_answer(code: int, status: Mapping[str, Any], retry_after: float | None = None) -> ApiError:
    """Return the error that a refusing answer stands for."""
    message = str(status.get("message") or f"HTTP {code}")
    if code == 500 and "field not declared in schema" in message:  # noqa: PLR2004
        return SchemaOutdated(f"{message}; the CRDs are older than this operator: install its own")
    if code in _TRANSIENT or code >= 500:  # noqa: PLR2004
        return Transient(message, retry_after)
    if code == 403:  # noqa: PLR2004
        return _forbidden(message, status)
    if code == 409:  # noqa: PLR2004
        return (AlreadyExists if status.get("reason") == "AlreadyExists" else Conflict)(message)
    return _BY_CODE.get(code, Invalid)(message)


def _forbidden(message: str, status: Mapping[str, Any]) -> Forbidden:
    causes = (status.get("details") or {}).get("causes") or ()
    if any(cause.get("reason") == "NamespaceTerminating" for cause in causes):
        return NamespaceTerminating(message)
    if "exceeded quota" in message:
        return QuotaExceeded(message)
    return Forbidden(message)
