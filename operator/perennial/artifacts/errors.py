"""Errors of files in a store, with a message for a status."""

from perennial.api.reasons import JobReason


class ArtifactError(Exception):
    """Files that cannot be read, or that do not match their digest."""

    def __init__(self, reason: JobReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
