"""Rows made dense: what preprocessing computes, without scikit-learn.

As in scikit-learn, what overflows is infinite: a predictor ignores it for all that it calls.
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
    """The encoder of one artifact, prepared for rows to come."""

    def __init__(self, stored: EncoderFormat, schema: ModelSchema) -> None:
        """Turn lists into arrays."""
        self._width: Final = stored.width
        self._numbers = [_Numbers(one, len(schema.numbers)) for one in stored.numbers]
        self._words = [
            _Words(at, len(schema.texts[at].categories or ()), words)
            for at, words in enumerate(stored.words)
            if words
        ]
        self._number_codes = [_NumberCodes(one) for one in stored.codes]
        self._lookups = _Lookups(stored, len(schema.texts)) if stored.lookups else None
        self._refusals = [
            _Refusal(one, _input_name(one, stored, schema)) for one in stored.refusals
        ]

    @classmethod
    def load(cls, folder: Path, schema: ModelSchema) -> Self:
        """Read the encoder of a verified artifact."""
        return cls(load_encoder(folder), schema)

    def dense(self, batch: Batch) -> Values:
        """Return the dense rows, or refuse the first that the pipeline refuses."""
        codes = self._codes(batch)
        if self._refusals:
            _refuse_first(self._refusals, codes)
        dense = np.zeros((len(batch.numbers), self._width))
        for block in self._numbers:
            block.write(batch.numbers, dense)
        if self._lookups is not None:
            self._lookups.write(codes, dense)
        return dense

    def _codes(self, batch: Batch) -> Codes:
        codes = batch.codes
        if self._words:
            codes = codes.copy()
            for words in self._words:
                words.rewrite(batch, codes)
        if self._number_codes:
            more = [one.of(batch.numbers) for one in self._number_codes]
            codes = np.concatenate([codes, np.stack(more, axis=1)], axis=1)
        return codes


class _Arithmetic:
    """Steps of several numbers at once."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = [(OPERATIONS[step.operation], np.array(step.operands)) for step in steps]

    def carry_out(self, values: Values) -> None:
        """Calculate in place."""
        for operation, operands in self._steps:
            operation(values, operands, out=values)


class _Numbers:
    """Adjoining dense columns that take the same steps."""

    def __init__(self, stored: Numbers, available: int) -> None:
        self._all = stored.inputs == tuple(range(available))
        self._inputs = np.array(stored.inputs, np.intp)
        self._columns = slice(stored.first, stored.first + len(stored.inputs))
        self._arithmetic = _Arithmetic(stored.steps)

    def write(self, numbers: Values, dense: Values) -> None:
        """Calculate these columns of the dense rows."""
        # apart, where numbers lie side by side, numpy calculates twice as fast
        values = numbers.copy() if self._all else numbers.take(self._inputs, axis=1)
        self._arithmetic.carry_out(values)
        dense[:, self._columns] = values


class _NumberCodes:
    """Where a number falls among bounds."""

    def __init__(self, stored: NumberCodes) -> None:
        self._input = stored.input
        self._arithmetic = _Arithmetic(stored.steps)
        self._bounds = np.array(stored.bounds)
        self._exact = stored.exact

    def of(self, numbers: Values) -> Codes:
        """Return the code of each row."""
        values = numbers[:, [self._input]]
        self._arithmetic.carry_out(values)
        values = values[:, 0]
        codes = self._equal(values) if self._exact else self._below(values)
        codes[np.isnan(values)] = len(self._bounds) + 1
        return codes

    def _below(self, values: Values) -> Codes:
        return np.searchsorted(self._bounds, values, side="right")

    def _equal(self, values: Values) -> Codes:
        codes = np.searchsorted(self._bounds, values)
        # beyond the last bound NaN is compared, which equals nothing
        codes[np.append(self._bounds, np.nan)[codes] != values] = len(self._bounds)
        return codes


class _Words:
    """Texts that preprocessing knows though no training row holds them."""

    def __init__(self, column: int, categories: int, words: Sequence[str]) -> None:
        self._column = column
        self._unseen = categories
        self._codes = {word: categories + 2 + at for at, word in enumerate(words)}

    def rewrite(self, batch: Batch, codes: Codes) -> None:
        """Give what looks unseen its own code."""
        texts = batch.texts[self._column]
        for row in np.flatnonzero(codes[:, self._column] == self._unseen).tolist():
            text = texts[row]
            codes[row, self._column] = self._codes.get(text or "", self._unseen)


class _Lookups:
    """All lookups as one table, of which each takes a stretch."""

    def __init__(self, stored: EncoderFormat, texts: int) -> None:
        used = [one.codes for one in stored.lookups]
        lengths = [len(one.values) for one in stored.lookups]
        self._width = stored.width
        self._used = np.array(used, np.intp)
        self._all = not stored.codes and used == list(range(texts))
        self._starts = np.cumsum([0, *lengths[:-1]], dtype=np.intp)
        self._columns = np.concatenate([np.array(one.columns, np.intp) for one in stored.lookups])
        self._values = np.concatenate([np.array(one.values) for one in stored.lookups])

    def write(self, codes: Codes, dense: Values) -> None:
        """Put what the codes stand for where it belongs."""
        at = (codes if self._all else codes.take(self._used, axis=1)) + self._starts
        columns = self._columns.take(at)
        if len(dense) > 1:
            columns += np.arange(0, dense.size, self._width)[:, np.newaxis]
        dense.put(columns, self._values.take(at))


class _Refusal:
    """Codes of one input that no row may have."""

    def __init__(self, stored: RejectedCodes, column: str) -> None:
        self._codes = stored.codes
        self._refused = np.array(stored.refused)
        self._column = column
        self._message = stored.message

    def first(self, codes: Codes) -> RowRefusedError | None:
        """Return the refusal of the first row that has one."""
        rows = np.isin(codes[:, self._codes], self._refused)
        if not rows.any():
            return None
        return RowRefusedError(int(rows.argmax()), self._column, self._message)


def _refuse_first(refusals: Sequence[_Refusal], codes: Codes) -> None:
    """Raise for the first row that is refused, whatever refuses it."""
    refused = [error for one in refusals if (error := one.first(codes)) is not None]
    if refused:
        raise min(refused, key=lambda error: error.row)


def _input_name(refusal: RejectedCodes, stored: EncoderFormat, schema: ModelSchema) -> str:
    """Return the input that the codes of a refusal are taken of."""
    if refusal.codes < len(schema.texts):
        return schema.texts[refusal.codes].name
    return schema.numbers[stored.codes[refusal.codes - len(schema.texts)].input].name
