"""Rows as they are counted: numbers, codes and answers, side by side."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from perennial_serving.counters.layout import Layout
from perennial_serving.model.batch import Batch


class RowBlock(NamedTuple):
    """Some rows with their answers."""

    numbers: NDArray[np.float64]
    codes: NDArray[np.intp]
    """As in a Batch; one beyond missing is unseen and out of the contract as well."""
    classes: NDArray[np.intp]
    told: NDArray[np.float64]
    """Classes and what was told of them, as in Grades."""
    delays: NDArray[np.float64]
    """The clock minus the time column; empty where there is no such column."""

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
            self.told[:rows],
            self.delays[:rows],
        )


class ContractCodes:
    """Tells unseen values that the Dataset's contract lets through from those that it does not."""

    def __init__(self, layout: Layout) -> None:
        """Gather the Categories whose contract lists its values."""
        self._listed = [
            (position, len(one.categories or ()), frozenset((*one.contract_categories, None)))
            for position, one in enumerate(layout.schema.texts)
            if one.contract_categories is not None
        ]

    def codes(self, batch: Batch) -> NDArray[np.intp]:
        """Return the codes of a batch, with those apart that break the contract."""
        breaking = [one for one in self._listed if not one[2].issuperset(batch.texts[one[0]])]
        if not breaking:
            return batch.codes
        codes = batch.codes.copy()
        for position, unseen, allowed in breaking:
            column, texts = codes[:, position], batch.texts[position]
            for row in np.flatnonzero(column == unseen).tolist():
                if texts[row] not in allowed:
                    column[row] = unseen + 2
        return codes
