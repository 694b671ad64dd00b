"""Which row it is that a model takes no answer from: scikit-learn refuses a whole batch."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from perennial.artifacts.answers import Answers
from perennial_serving.model.batch import Batch
from perennial_serving.model.errors import RowRefusedError

_ENDLESS: Final = "the model has no finite answer"


def finite(answers: Answers) -> Answers:
    """Return the answers, unless one of them holds a number that JSON cannot spell."""
    predictions, probabilities = answers.predictions, answers.probabilities
    if probabilities is None and not isinstance(predictions[0], float):
        return answers
    told = np.array(predictions, np.float64) if probabilities is None else probabilities
    # a product with itself costs least, and is finite almost always
    if not math.isfinite(np.vdot(told, told)):
        rows = np.isfinite(told).reshape(len(told), -1).all(axis=1)
        if not rows.all():
            raise RowRefusedError(int(rows.argmin()), None, _ENDLESS)
    return answers


def answered(answer: Callable[[Batch], Answers], batch: Batch) -> Answers:
    """Let scikit-learn answer every row, or name the first that it refuses."""
    # what overflows shows in the answer
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
    """Halve the rows until the first refused one stands alone."""
    start, stop = 0, batch.rows
    while stop - start > 1:
        middle = (start + stop) // 2
        try:
            answer(batch.part(start, middle))
        except ValueError as refusal:
            error, stop = refusal, middle
        else:
            start = middle
    words = str(error).partition("\n")[0]
    return RowRefusedError(start, None, f"the model cannot answer it: {words}")
