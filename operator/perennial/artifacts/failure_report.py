"""The one place that turns an exception into a `FailureReport`, for Jobs and the model server."""

import errno
from typing import Final

from perennial.api.reasons import JobReason
from perennial.api.tasks import FailureReport
from perennial.artifacts.errors import ArtifactError

LONGEST_MESSAGE: Final = 1024


def failure_report(error: Exception) -> FailureReport:
    """Return the reason and the message that a status will show for an exception."""
    match error:
        case ArtifactError(reason=reason, message=message):
            return FailureReport(reason=reason, message=shortened(message))
        case MemoryError():
            return FailureReport(
                reason=JobReason.OUT_OF_MEMORY,
                message="memory ran out: raise resources.limits.memory",
            )
        case OSError(errno=errno.ENOSPC):
            return FailureReport(
                reason=JobReason.OUT_OF_DISK,
                message="the node's disk is full: free space on it, or take fewer rows",
            )
        case _:
            message = f"{type(error).__name__}: {error}"
            return FailureReport(reason=JobReason.INTERNAL_ERROR, message=shortened(message))


def shortened(message: str) -> str:
    """Return at most 1,024 characters of a message; an ellipsis marks a cut."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"
