"""The error for a row that the fitted pipeline would reject."""


class RowRefusedError(ValueError):
    """A row that the model rejects, with its index and, where known, its column."""

    def __init__(self, row: int, column: str | None, message: str) -> None:
        super().__init__(message)
        self.row = row
        self.column = column
        self.message = message
