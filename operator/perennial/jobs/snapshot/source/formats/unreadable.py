"""Errors of unreadable files, without any of their content."""

from perennial.api.reasons import JobReason


class UnreadableFileError(Exception):
    """A file cannot be parsed; the message continues the file's name."""

    def __init__(self, why: str, reason: JobReason = JobReason.UNREADABLE_DATA) -> None:
        super().__init__(why)
        self.reason = reason


def check_unique(names: list[str]) -> None:
    """Raise if a column name occurs twice."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UnreadableFileError(
            f"has more than one column named {repeated[0]!r}: rename all but one",
            JobReason.SCHEMA_MISMATCH,
        )


def not_text(row: int | None = None) -> UnreadableFileError:
    """Return the error for bytes that are no UTF-8."""
    where = f"row {row} " if row else ""
    return UnreadableFileError(
        f"{where}is not text in UTF-8: save the file as UTF-8, or correct the format"
    )
