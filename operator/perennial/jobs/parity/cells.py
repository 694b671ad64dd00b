"""Rows of a table, split into numbers and texts, and blocks of such rows to compare."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.batch import Batch
from perennial_serving.model.columns import Columns

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one kind."""

    kind: str
    """The kind of the rows as a message names it."""
    batch: Batch


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows by type of column, each in the order of the schema."""

    numbers: Floats
    """(rows, numeric inputs)"""
    texts: NDArray[np.object_]
    """(rows, Category inputs); None where a value is missing."""

    @classmethod
    def of_frame(cls, schema: ModelSchema, frame: pd.DataFrame) -> Self:
        """Return the rows of a canonical frame."""
        numbers = [column.name for column in schema.numbers]
        objects = frame[[column.name for column in schema.texts]].astype(object)
        return cls(
            frame[numbers].to_numpy(dtype=np.float64),
            objects.where(objects.notna(), None).to_numpy(dtype=object),
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.numbers)

    def batch(self, columns: Columns) -> Batch:
        """Return the rows as the model server represents them."""
        return columns.of_columns(list(self.numbers.T), self.texts.T.tolist())

    def take(self, positions: Positions) -> Self:
        """Return some of the rows."""
        return replace(self, numbers=self.numbers[positions], texts=self.texts[positions])

    def with_numbers(self, place: int, values: Floats | float) -> Self:
        """Return the rows with other values in one numeric column."""
        numbers = self.numbers.copy()
        numbers[:, place] = values
        return replace(self, numbers=numbers)

    def with_texts(self, place: int, values: NDArray[np.object_] | None) -> Self:
        """Return the rows with other values in one text column."""
        texts = self.texts.copy()
        texts[:, place] = values
        return replace(self, texts=texts)

    def distinct_numbers(self, place: int) -> Floats:
        """Return the finite values of one numeric column, in ascending order."""
        values = np.unique(self.numbers[:, place])
        return values[np.isfinite(values)]
