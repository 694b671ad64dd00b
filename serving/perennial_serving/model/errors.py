"""The refusal of one row, as the fitted pipeline itself would refuse it."""


class RowRefusedError(ValueError):
    """A row that the model takes no answer from; names the row and, where known, its column."""

    def __init__(self, row: int, column: str | None, message: str) -> None:
        super().__init__(message)
        self.row = row
        self.column = column
        self.message = message
