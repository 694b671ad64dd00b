"""The rows of one request by column: what every tier answers, and what every count is taken of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Texts = list[str | None]


@dataclass(slots=True)
class Batch:
    """Rows in the order that they came; columns in the order of the schema, kind by kind."""

    numbers: NDArray[np.float64]
    """(rows, inputs that are no Category); missing is NaN, true 1.0, a time its seconds of 1970."""
    codes: NDArray[np.intp]
    """(rows, Category inputs): index in the input's ``categories``, then unseen, then missing."""
    texts: Sequence[Texts]
    """One list of values for each Category input: what the codes stand for."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.numbers)
