"""Rows by column: the input of every tier, and of the counters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Texts = Sequence[str | None]


@dataclass(slots=True)
class Batch:
    """Rows in order of arrival; columns in the order of the schema, numbers apart from texts."""

    numbers: NDArray[np.float64]
    """(rows, numeric inputs): missing is NaN, true is 1.0, a time is seconds since the epoch."""
    codes: NDArray[np.intp]
    """(rows, category inputs): index into ``categories``; the next two are unseen and missing."""
    texts: Sequence[Texts]
    """The values of each category input."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.numbers)

    def part(self, start: int, stop: int) -> Self:
        """Return the rows from one position up to another."""
        texts = [column[start:stop] for column in self.texts]
        return type(self)(self.numbers[start:stop], self.codes[start:stop], texts)


def joined(batches: Sequence[Batch]) -> Batch:
    """Concatenate batches."""
    if len(batches) == 1:
        return batches[0]
    columns = zip(*(batch.texts for batch in batches), strict=True)
    return Batch(
        np.concatenate([batch.numbers for batch in batches]),
        np.concatenate([batch.codes for batch in batches]),
        [[text for part in column for text in part] for column in columns],
    )
