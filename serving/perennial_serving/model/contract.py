"""The Dataset's contract, for servers that are told to refuse what it would not let through."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.batch import Batch
from perennial_serving.model.errors import RowRefusedError


class Contract:
    """The range of each number and the values of each text, where the Dataset states them."""

    def __init__(self, schema: ModelSchema) -> None:
        self._numbers = schema.numbers
        self._lowest = _bounds((one.contract_minimum for one in schema.numbers), -np.inf)
        self._highest = _bounds((one.contract_maximum for one in schema.numbers), np.inf)
        self._texts = [
            (place, one, frozenset((*one.contract_categories, None)))
            for place, one in enumerate(schema.texts)
            if one.contract_categories is not None
        ]

    def check(self, batch: Batch) -> None:
        """Refuse the first value that the contract would not let through; a missing one passes."""
        outside = (batch.numbers < self._lowest) | (batch.numbers > self._highest)
        if outside.any():
            row, place = divmod(int(np.argmax(outside)), outside.shape[1])
            lowest, highest = self._lowest[place], self._highest[place]
            error = f"the contract of the data allows {lowest} to {highest}"
            raise RowRefusedError(row, self._numbers[place].name, error)
        for place, one, allowed in self._texts:
            column = batch.texts[place]
            if not allowed.issuperset(column):
                row = next(row for row, text in enumerate(column) if text not in allowed)
                error = "the contract of the data does not list this value"
                raise RowRefusedError(row, one.name, error)


def _bounds(stated: Iterable[float | None], otherwise: float) -> NDArray[np.float64]:
    return np.array([otherwise if bound is None else bound for bound in stated], np.float64)
