"""Rejects rows outside the Dataset's contract, if the server is configured to."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.batch import Batch
from perennial_serving.model.errors import RowRefusedError


class Contract:
    """The allowed range of each number and the allowed values of each text."""

    def __init__(self, schema: ModelSchema) -> None:
        self._numbers = schema.numbers
        self._lowest = _bounds((column.contract_minimum for column in schema.numbers), -np.inf)
        self._highest = _bounds((column.contract_maximum for column in schema.numbers), np.inf)
        self._texts = [
            (at, column.name, frozenset((*column.contract_categories, None)))
            for at, column in enumerate(schema.texts)
            if column.contract_categories is not None
        ]

    def check(self, batch: Batch) -> None:
        """Raise RowRefusedError for the first value outside the contract; missing ones pass."""
        outside = (batch.numbers < self._lowest) | (batch.numbers > self._highest)
        if outside.any():
            row, at = divmod(int(np.argmax(outside)), outside.shape[1])
            lowest, highest = self._lowest[at], self._highest[at]
            error = f"the contract of the data allows {lowest} to {highest}"
            raise RowRefusedError(row, self._numbers[at].name, error)
        for at, name, allowed in self._texts:
            texts = batch.texts[at]
            if not allowed.issuperset(texts):
                row = next(row for row, text in enumerate(texts) if text not in allowed)
                error = "the contract of the data does not list this value"
                raise RowRefusedError(row, name, error)


def _bounds(stated: Iterable[float | None], otherwise: float) -> NDArray[np.float64]:
    return np.array([otherwise if bound is None else bound for bound in stated], np.float64)
