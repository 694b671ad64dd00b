"""Finds the row that a model rejects, because scikit-learn only rejects whole batches."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from perennial.artifacts.answers import Answers
from perennial_serving.model.batch import Batch
from perennial_serving.model.errors import RowRefusedError

_NOT_FINITE: Final = "the model has no finite answer"


def finite(answers: Answers) -> Answers:
    """Return the answers; raise RowRefusedError for the first that is not finite."""
    predictions, probabilities = answers.predictions, answers.probabilities
    if probabilities is None and not isinstance(predictions[0], float):
        return answers
    numbers = np.array(predictions, np.float64) if probabilities is None else probabilities
    # the cheapest test: one product over all numbers, finite in nearly all cases
    if not math.isfinite(np.vdot(numbers, numbers)):
        rows = np.isfinite(numbers).reshape(len(numbers), -1).all(axis=1)
        if not rows.all():
            raise RowRefusedError(int(rows.argmin()), None, _NOT_FINITE)
    return answers


def answered(answer: Callable[[Batch], Answers], batch: Batch) -> Answers:
    """Call `answer`; if it rejects the batch, raise RowRefusedError for the first row."""
    # overflow is visible in the answers
    with np.errstate(all="ignore"):
        try:
            return finite(answer(batch))
        except RowRefusedError:
            raise
        except ValueError as error:
            raise _located(answer, batch, error) from error


def _located(
    answer: Callable[[Batch], Answers], batch: Batch, error: ValueError
) -> RowRefusedError:
    """Find the first rejected row by bisection."""
    start, stop = 0, batch.rows
    while stop - start > 1:
        middle = (start + stop) // 2
        try:
            answer(batch.part(start, middle))
        except ValueError as refusal:
            error, stop = refusal, middle
        else:
            start = middle
    reason = str(error).partition("\n")[0]
    return RowRefusedError(start, None, f"the model cannot answer it: {reason}")
