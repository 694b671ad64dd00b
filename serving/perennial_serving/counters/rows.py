"""Rows as they are counted: inputs and predictions, column by column."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.layout import Layout
from perennial_serving.model.batch import Batch


class RowBlock(NamedTuple):
    """Rows with their predictions."""

    numbers: NDArray[np.float64]
    codes: NDArray[np.intp]
    """As in a Batch; one more than missing stands for unseen values outside the contract."""
    classes: NDArray[np.intp]
    values: NDArray[np.float64]
    """Classes and values as in AnswerScores."""
    delays: NDArray[np.float64]
    """Current time minus the time column, in seconds; empty without a time column."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.numbers)

    def first(self, rows: int) -> Self:
        """Return the first of the rows."""
        return type(self)(
            self.numbers[:rows],
            self.codes[:rows],
            self.classes[:rows],
            self.values[:rows],
            self.delays[:rows],
        )


class ContractCodes:
    """Separates unseen values that the Dataset's contract allows from those that it does not."""

    def __init__(self, layout: Layout) -> None:
        self._listed = [
            (at, len(column.categories or ()), frozenset((*column.contract_categories, None)))
            for at, column in enumerate(layout.schema.texts)
            if column.contract_categories is not None
        ]

    def codes(self, batch: Batch) -> NDArray[np.intp]:
        """Return the codes of a batch, with a code of its own for values outside the contract."""
        outside = [
            (at, unseen, allowed)
            for at, unseen, allowed in self._listed
            if not allowed.issuperset(batch.texts[at])
        ]
        if not outside:
            return batch.codes
        codes = batch.codes.copy()
        for at, unseen, allowed in outside:
            column, texts = codes[:, at], batch.texts[at]
            for row in np.flatnonzero(column == unseen).tolist():
                if texts[row] not in allowed:
                    column[row] = unseen + 2
        return codes
