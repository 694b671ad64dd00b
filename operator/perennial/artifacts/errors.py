"""What can go wrong between a process and its files, in words that a status can show."""

from perennial.api.reasons import JobReason


class ArtifactError(Exception):
    """Files that cannot be had, or that are not what their digest says."""

    def __init__(self, reason: JobReason, message: str) -> None:
        """Keep the word to search for, and what to do about it."""
        super().__init__(message)
        self.reason = reason
        self.message = message
