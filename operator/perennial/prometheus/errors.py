"""Why Prometheus gave no numbers."""

from enum import StrEnum


class ErrorKind(StrEnum):
    """The party that has to act: the network, the administrator, the query, or the server."""

    UNREACHABLE = "Unreachable"
    """No answer, or an overloaded server: the same query may succeed later."""
    REFUSED = "Refused"
    """The server, or the configuration, does not allow this query."""
    TOO_MUCH = "TooMuch"
    """The answer exceeds a limit of this client or of the server."""
    BAD_ANSWER = "BadAnswer"
    """The answer is not that of a Prometheus server."""


class PrometheusError(Exception):
    """A query without an answer; the message names the remedy."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(f"Prometheus: {message}")
        self.kind = kind
