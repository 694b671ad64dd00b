"""From plain values to the Batch that every tier answers and every count is taken of."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.schema import ModelSchema
from perennial_serving.batch import Batch, Texts

Number = bool | float | None
"""A value of any type but Category; a Timestamp in seconds of 1970."""


class Columns:
    """What the columns of one schema are, prepared for rows to come."""

    def __init__(self, schema: ModelSchema) -> None:
        """Number the categories."""
        self._numbers = len(schema.numbers)
        categories = [one.categories or () for one in schema.texts]
        self._unseen = [len(values) for values in categories]
        self._codes = [{**_numbered(values), None: len(values) + 1} for values in categories]
        # bound once: one row is to cost a few microseconds
        self._code_of = [
            (self._numbers + place, codes.get, unseen)
            for place, (codes, unseen) in enumerate(zip(self._codes, self._unseen, strict=True))
        ]

    def of_rows(self, rows: Sequence[tuple[Any, ...]]) -> Batch:
        """Return rows whose values stand numbers first, then texts, each as in the schema."""
        width, code_of = self._numbers, self._code_of
        numbers = np.array([row[:width] for row in rows], np.float64).reshape(len(rows), width)
        codes = np.array(
            [[code(row[at], unseen) for at, code, unseen in code_of] for row in rows], np.intp
        ).reshape(len(rows), len(code_of))
        return Batch(numbers, codes, [[row[at] for row in rows] for at, _, _ in code_of])

    def of_columns(
        self,
        numbers: Sequence[Sequence[Number] | NDArray[np.float64]],
        texts: Sequence[Texts],
    ) -> Batch:
        """Return the rows of whole columns, in the order of the schema kind by kind."""
        rows = len(numbers[0] if numbers else texts[0])
        matrix = np.empty((rows, len(numbers)))
        for place, column in enumerate(numbers):
            matrix[:, place] = np.asarray(column, np.float64)
        codes = np.empty((rows, len(texts)), np.intp)
        for place, (values, known, unseen) in enumerate(
            zip(texts, self._codes, self._unseen, strict=True)
        ):
            codes[:, place] = [known.get(value, unseen) for value in values]
        return Batch(matrix, codes, texts)


def _numbered(values: Sequence[str]) -> dict[str | None, int]:
    return {value: code for code, value in enumerate(values)}
