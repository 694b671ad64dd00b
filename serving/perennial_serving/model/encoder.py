"""Encodes rows as dense arrays, as preprocessing does, without scikit-learn.

As in scikit-learn, overflow gives infinity; predictors suppress its warnings.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.encoding import (
    OPERATIONS,
    EncoderFormat,
    NumberCodes,
    Numbers,
    RejectedCodes,
    Step,
    Values,
    load_encoder,
)
from perennial.artifacts.model_schema import ModelSchema
from perennial_serving.model.batch import Batch
from perennial_serving.model.errors import RowRefusedError

Codes = NDArray[np.intp]


class Encoder:
    """The encoder of an artifact."""

    def __init__(self, stored: EncoderFormat, schema: ModelSchema) -> None:
        self._width: Final = stored.width
        self._numbers = [_Numbers(block, len(schema.numbers)) for block in stored.numbers]
        self._extra_categories = [
            _ExtraCategories(at, len(schema.texts[at].categories or ()), texts)
            for at, texts in enumerate(stored.words)
            if texts
        ]
        self._number_codes = [_NumberCodes(column) for column in stored.codes]
        self._lookups = _Lookups(stored, len(schema.texts)) if stored.lookups else None
        self._rejected = [
            _RejectedCodes(rejected, _input_name(rejected, stored, schema))
            for rejected in stored.refusals
        ]

    @classmethod
    def load(cls, folder: Path, schema: ModelSchema) -> Self:
        """Read the encoder of a verified artifact."""
        return cls(load_encoder(folder), schema)

    def dense(self, batch: Batch) -> Values:
        """Return dense rows; raise RowRefusedError for the first that the pipeline would reject."""
        codes = self._codes(batch)
        if self._rejected:
            _refuse_first(self._rejected, codes)
        dense = np.zeros((len(batch.numbers), self._width))
        for block in self._numbers:
            block.write(batch.numbers, dense)
        if self._lookups is not None:
            self._lookups.write(codes, dense)
        return dense

    def _codes(self, batch: Batch) -> Codes:
        codes = batch.codes
        if self._extra_categories:
            codes = codes.copy()
            for column in self._extra_categories:
                column.rewrite(batch, codes)
        if self._number_codes:
            more = [column.of(batch.numbers) for column in self._number_codes]
            codes = np.concatenate([codes, np.stack(more, axis=1)], axis=1)
        return codes


class _Arithmetic:
    """Arithmetic steps on several columns."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = [(OPERATIONS[step.operation], np.array(step.operands)) for step in steps]

    def apply(self, values: Values) -> None:
        """Apply the steps in place."""
        for operation, operands in self._steps:
            operation(values, operands, out=values)


class _Numbers:
    """Adjacent dense columns with the same steps."""

    def __init__(self, stored: Numbers, available: int) -> None:
        self._all = stored.inputs == tuple(range(available))
        self._inputs = np.array(stored.inputs, np.intp)
        self._columns = slice(stored.first, stored.first + len(stored.inputs))
        self._arithmetic = _Arithmetic(stored.steps)

    def write(self, numbers: Values, dense: Values) -> None:
        """Write these columns of the dense rows."""
        # numpy is twice as fast on a contiguous copy
        values = numbers.copy() if self._all else numbers.take(self._inputs, axis=1)
        self._arithmetic.apply(values)
        dense[:, self._columns] = values


class _NumberCodes:
    """Codes of a number: its position among bounds."""

    def __init__(self, stored: NumberCodes) -> None:
        self._input = stored.input
        self._arithmetic = _Arithmetic(stored.steps)
        self._bounds = np.array(stored.bounds)
        self._exact = stored.exact

    def of(self, numbers: Values) -> Codes:
        """Return the code of each row."""
        values = numbers[:, [self._input]]
        self._arithmetic.apply(values)
        values = values[:, 0]
        codes = self._equal(values) if self._exact else self._below(values)
        codes[np.isnan(values)] = len(self._bounds) + 1
        return codes

    def _below(self, values: Values) -> Codes:
        return np.searchsorted(self._bounds, values, side="right")

    def _equal(self, values: Values) -> Codes:
        codes = np.searchsorted(self._bounds, values)
        # NaN stands after the last bound, because it equals nothing
        codes[np.append(self._bounds, np.nan)[codes] != values] = len(self._bounds)
        return codes


class _ExtraCategories:
    """Categories known to preprocessing although no training row has them."""

    def __init__(self, column: int, categories: int, texts: Sequence[str]) -> None:
        self._column = column
        self._unseen = categories
        self._codes = {text: categories + 2 + at for at, text in enumerate(texts)}

    def rewrite(self, batch: Batch, codes: Codes) -> None:
        """Replace the code for unseen by the code of a known category."""
        texts = batch.texts[self._column]
        for row in np.flatnonzero(codes[:, self._column] == self._unseen).tolist():
            text = texts[row]
            codes[row, self._column] = self._codes.get(text or "", self._unseen)


class _Lookups:
    """All lookups, concatenated to one table."""

    def __init__(self, stored: EncoderFormat, texts: int) -> None:
        used = [lookup.codes for lookup in stored.lookups]
        lengths = [len(lookup.values) for lookup in stored.lookups]
        self._width = stored.width
        self._used = np.array(used, np.intp)
        self._all = not stored.codes and used == list(range(texts))
        self._starts = np.cumsum([0, *lengths[:-1]], dtype=np.intp)
        self._columns = np.concatenate(
            [np.array(lookup.columns, np.intp) for lookup in stored.lookups]
        )
        self._values = np.concatenate([np.array(lookup.values) for lookup in stored.lookups])

    def write(self, codes: Codes, dense: Values) -> None:
        """Write the values of the codes into their dense columns."""
        at = (codes if self._all else codes.take(self._used, axis=1)) + self._starts
        columns = self._columns.take(at)
        if len(dense) > 1:
            columns += np.arange(0, dense.size, self._width)[:, np.newaxis]
        dense.put(columns, self._values.take(at))


class _RejectedCodes:
    """Codes of an input that are rejected."""

    def __init__(self, stored: RejectedCodes, column: str) -> None:
        self._codes = stored.codes
        self._refused = np.array(stored.refused)
        self._column = column
        self._message = stored.message

    def first(self, codes: Codes) -> RowRefusedError | None:
        """Return the error for the first row with a rejected code."""
        rows = np.isin(codes[:, self._codes], self._refused)
        if not rows.any():
            return None
        return RowRefusedError(int(rows.argmax()), self._column, self._message)


def _refuse_first(checks: Sequence[_RejectedCodes], codes: Codes) -> None:
    """Raise for the first rejected row, whichever check rejects it."""
    refused = [error for check in checks if (error := check.first(codes)) is not None]
    if refused:
        raise min(refused, key=lambda error: error.row)


def _input_name(refusal: RejectedCodes, stored: EncoderFormat, schema: ModelSchema) -> str:
    """Return the input that the rejected codes belong to."""
    if refusal.codes < len(schema.texts):
        return schema.texts[refusal.codes].name
    return schema.numbers[stored.codes[refusal.codes - len(schema.texts)].input].name
