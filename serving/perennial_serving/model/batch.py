"""The rows of one request by column: what every tier answers, and what every count is taken of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Texts = Sequence[str | None]


@dataclass(slots=True)
class Batch:
    """Rows in the order that they came; columns in the order of the schema, kind by kind."""

    numbers: NDArray[np.float64]
    """(rows, inputs that are no Category); missing is NaN, true 1.0, a time its seconds of 1970."""
    codes: NDArray[np.intp]
    """(rows, Category inputs): index in the input's ``categories``, then unseen, then missing."""
    texts: Sequence[Texts]
    """The values for each Category input: what the codes stand for."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.numbers)

    def part(self, start: int, stop: int) -> Self:
        """Return the rows from one position up to another."""
        texts = [column[start:stop] for column in self.texts]
        return type(self)(self.numbers[start:stop], self.codes[start:stop], texts)


def joined(batches: Sequence[Batch]) -> Batch:
    """Return the rows of several batches, one after the other."""
    if len(batches) == 1:
        return batches[0]
    columns = zip(*(batch.texts for batch in batches), strict=True)
    return Batch(
        np.concatenate([batch.numbers for batch in batches]),
        np.concatenate([batch.codes for batch in batches]),
        [[text for part in column for text in part] for column in columns],
    )
