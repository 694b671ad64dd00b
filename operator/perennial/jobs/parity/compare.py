"""Compares two predictors, row by row: predictions, probabilities and rejected rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.answers import TOLERANCE, Answers
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.tier import Tier
from perennial.jobs.parity.cells import Block
from perennial_serving.model.batch import Batch, joined
from perennial_serving.model.errors import RowRefusedError
from perennial_serving.model.pipeline import frame_of_batch
from perennial_serving.model.predictor import Predictor
from perennial_serving.model.refusals import finite

_ROWS_AT_ONCE: Final = 2_500
_SOME: Final = 32
"""Rows of a typical request."""
_ALONE: Final = 8
"""Rejected rows of a block that are searched for; the rest of the block is skipped."""


class Reference:
    """The pipeline itself; unlike a server it does not name the rejected row, which takes long."""

    tier: Final = Tier.PIPELINE

    def __init__(self, trained: TrainedPipeline) -> None:
        """Answer with the pipeline of the training."""
        self._trained = trained

    # an overflow shows in the predictions
    @np.errstate(all="ignore")
    def answer(self, batch: Batch) -> Answers:
        """Return the answers to all rows; raise RowRefusedError if any is rejected."""
        try:
            return finite(self._trained.answer(frame_of_batch(self._trained.schema, batch)))
        except RowRefusedError:
            raise
        except ValueError as error:
            raise RowRefusedError(0, None, str(error)) from error


class DisagreementError(Exception):
    """Two predictors differ; the message names the kind of rows."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A comparison in which all answers were equal within the tolerance."""

    rows: int = 0
    difference: float = 0.0
    """Largest difference of two numbers: relative above 1, absolute below."""

    def with_(self, other: Self) -> Self:
        """Return the sum of both comparisons."""
        return type(self)(self.rows + other.rows, max(self.difference, other.difference))


def compare(reference: Predictor, candidate: Predictor, blocks: Sequence[Block]) -> Agreement:
    """Return how well the candidate agrees with the reference; raise if it does not."""
    seen, together, rows = Agreement(), list[Block](), 0
    for block in blocks:
        together.append(block)
        rows += block.batch.rows
        if rows >= _ROWS_AT_ONCE:
            seen = seen.with_(_compared(reference, candidate, together))
            together, rows = [], 0
    return seen.with_(_compared(reference, candidate, together)) if together else seen


def _compared(reference: Predictor, candidate: Predictor, blocks: Sequence[Block]) -> Agreement:
    """Compare blocks at once; if the reference rejects a row of them, bisect the blocks."""
    together = joined([block.batch for block in blocks])
    expected = _answers(reference, together)
    if expected is None:
        return _refused(reference, candidate, blocks)
    return _agreement(candidate, together, expected, blocks)


def _agreement(
    candidate: Predictor, together: Batch, expected: Answers, blocks: Sequence[Block]
) -> Agreement:
    """Compare the candidate for every size of request; raise if it differs."""
    seen = Agreement(together.rows)
    for predict in _request_sizes(candidate):
        given = predict(candidate, together)
        if given is None:
            raise DisagreementError(f"it refuses {_refused_kind(candidate, blocks)}")
        seen = seen.with_(Agreement(difference=_difference(given, expected, blocks)))
    return seen


def _request_sizes(candidate: Predictor) -> Sequence[Callable[[Predictor, Batch], Answers | None]]:
    """Return the ways to predict; compiled trees have one for one row, for some and for many."""
    return (_answers, _answers_in_parts) if candidate.tier is Tier.COMPILED else (_answers,)


def _refused(reference: Predictor, candidate: Predictor, blocks: Sequence[Block]) -> Agreement:
    if len(blocks) == 1:
        return _of_refused_block(reference, candidate, blocks[0])
    middle = len(blocks) // 2
    first = _compared(reference, candidate, blocks[:middle])
    return first.with_(_compared(reference, candidate, blocks[middle:]))


def _of_refused_block(reference: Predictor, candidate: Predictor, block: Block) -> Agreement:
    """Bisect the block down to single rejected rows; compare the accepted parts."""
    seen, refused, alone = Agreement(), [block], 0
    while refused and alone < _ALONE:
        part = refused.pop()
        if part.batch.rows == 1:
            if _answers(candidate, part.batch) is not None:
                raise DisagreementError(f"it answers {part.kind}, which the pipeline refuses")
            seen, alone = seen.with_(Agreement(rows=1)), alone + 1
            continue
        for half in _halves(part):
            expected = _answers(reference, half.batch)
            if expected is None:
                refused.append(half)
            else:
                seen = seen.with_(_agreement(candidate, half.batch, expected, [half]))
    return seen


def _halves(block: Block) -> list[Block]:
    bounds = (0, block.batch.rows // 2, block.batch.rows)
    return [Block(block.kind, block.batch.part(*pair)) for pair in pairwise(bounds)]


def _answers(predictor: Predictor, batch: Batch) -> Answers | None:
    try:
        return predictor.answer(batch)
    except RowRefusedError:
        return None


def _answers_in_parts(predictor: Predictor, batch: Batch) -> Answers | None:
    """Return the answers to requests of alternately one row and a few rows."""
    step = 1 + _SOME
    starts = {*range(0, batch.rows, step), *range(1, batch.rows, step)}
    bounds = [*sorted(starts), batch.rows]
    parts = [_answers(predictor, batch.part(*pair)) for pair in pairwise(bounds)]
    accepted = [part for part in parts if part is not None]
    if len(accepted) < len(parts):
        return None
    lines = [part.probabilities for part in accepted if part.probabilities is not None]
    predictions = [prediction for part in accepted for prediction in part.predictions]
    return Answers(predictions, np.concatenate(lines) if lines else None)


def _refused_kind(candidate: Predictor, blocks: Sequence[Block]) -> str:
    """Return the kind of the rows that only the candidate rejects."""
    for block in blocks:
        try:
            candidate.answer(block.batch)
        except RowRefusedError as refusal:
            return f"{block.kind}, which the pipeline answers: {refusal.message}"
    return "rows that it answers in other company"


def _difference(given: Answers, expected: Answers, blocks: Sequence[Block]) -> float:
    kinds = [block.kind for block in blocks for _ in range(block.batch.rows)]
    numbers = _numbers(given, expected, kinds)
    if numbers is None:
        return 0.0
    ours, theirs = numbers
    differences = np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))
    worst = int(np.argmax(differences.max(axis=1)))
    largest = float(differences[worst].max())
    if not largest <= TOLERANCE:
        raise DisagreementError(f"it differs by {largest:.2g} in {kinds[worst]}")
    return largest


Floats = NDArray[np.float64]


def _numbers(
    given: Answers, expected: Answers, kinds: Sequence[str]
) -> tuple[Floats, Floats] | None:
    """Return the numbers to compare within the tolerance; raise if labels or shapes differ."""
    if (given.probabilities is None) != (expected.probabilities is None):
        raise DisagreementError("only one of the two gives probabilities")
    if isinstance(expected.predictions[0], float):  # a regression: classes are never float
        return _column(given), _column(expected)
    both = zip(given.predictions, expected.predictions, strict=True)
    differing = [row for row, (ours, theirs) in enumerate(both) if not _is_same(ours, theirs)]
    if differing:
        raise DisagreementError(
            f"its label differs in {len(differing)} of {len(kinds)} rows, first in "
            f"{kinds[differing[0]]}"
        )
    if given.probabilities is None or expected.probabilities is None:
        return None
    return given.probabilities, expected.probabilities


def _is_same(ours: object, theirs: object) -> bool:
    return type(ours) is type(theirs) and ours == theirs


def _column(answers: Answers) -> Floats:
    return np.array(answers.predictions, dtype=np.float64)[:, None]
