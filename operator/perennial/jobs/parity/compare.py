"""Whether one way of computing a model answers as another: number by number, row by row."""

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
"""Rows of a usual request."""
_ALONE: Final = 8
"""Refused rows of a block that are found; the rest of the block is left out."""


class Reference:
    """The pipeline itself; it need not tell which row it refuses: to find that out takes long."""

    tier: Final = Tier.PIPELINE

    def __init__(self, trained: TrainedPipeline) -> None:
        """Answer with the pipeline of the training."""
        self._trained = trained

    # what overflows shows in the answer
    @np.errstate(all="ignore")
    def answer(self, batch: Batch) -> Answers:
        """Answer every row, or refuse them together."""
        try:
            return finite(self._trained.answer(frame_of_batch(self._trained.schema, batch)))
        except RowRefusedError:
            raise
        except ValueError as error:
            raise RowRefusedError(0, None, str(error)) from error


class DisagreementError(Exception):
    """Two predictors that do not answer, or do not refuse, the same; says where."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was compared, all of it equal within the tolerance."""

    rows: int = 0
    difference: float = 0.0
    """Largest difference of two numbers: relative above 1, absolute below."""

    def with_(self, other: Self) -> Self:
        """Return both together."""
        return type(self)(self.rows + other.rows, max(self.difference, other.difference))


def compare(reference: Predictor, candidate: Predictor, blocks: Sequence[Block]) -> Agreement:
    """Return how well the candidate repeats the reference; raise where it does not."""
    seen, together, rows = Agreement(), list[Block](), 0
    for block in blocks:
        together.append(block)
        rows += block.batch.rows
        if rows >= _ROWS_AT_ONCE:
            seen = seen.with_(_compared(reference, candidate, together))
            together, rows = [], 0
    return seen.with_(_compared(reference, candidate, together)) if together else seen


def _compared(reference: Predictor, candidate: Predictor, blocks: Sequence[Block]) -> Agreement:
    """Compare what the reference answers; of what it refuses, smaller and smaller parts."""
    together = joined([block.batch for block in blocks])
    expected = _answers(reference, together)
    if expected is None:
        return _refused(reference, candidate, blocks)
    return _agreement(candidate, together, expected, blocks)


def _agreement(
    candidate: Predictor, together: Batch, expected: Answers, blocks: Sequence[Block]
) -> Agreement:
    """Compare what the candidate answers in every company; raise where it differs."""
    seen = Agreement(together.rows)
    for ask in _ways(candidate):
        given = ask(candidate, together)
        if given is None:
            raise DisagreementError(f"it refuses {_refused_kind(candidate, blocks)}")
        seen = seen.with_(Agreement(difference=_difference(given, expected, blocks)))
    return seen


def _ways(candidate: Predictor) -> Sequence[Callable[[Predictor, Batch], Answers | None]]:
    """Return how rows are to be asked: compiled trees take one, some and many in three ways."""
    return (_answers, _answers_in_parts) if candidate.tier is Tier.COMPILED else (_answers,)


def _refused(reference: Predictor, candidate: Predictor, blocks: Sequence[Block]) -> Agreement:
    if len(blocks) == 1:
        return _of_refused_block(reference, candidate, blocks[0])
    middle = len(blocks) // 2
    first = _compared(reference, candidate, blocks[:middle])
    return first.with_(_compared(reference, candidate, blocks[middle:]))


def _of_refused_block(reference: Predictor, candidate: Predictor, block: Block) -> Agreement:
    """Halve it down to some refused rows; compare what is answered on the way."""
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
    """Return the answers to rows that come by turns alone and in small companies."""
    step = 1 + _SOME
    starts = {*range(0, batch.rows, step), *range(1, batch.rows, step)}
    bounds = [*sorted(starts), batch.rows]
    parts = [_answers(predictor, batch.part(*pair)) for pair in pairwise(bounds)]
    answered = [part for part in parts if part is not None]
    if len(answered) < len(parts):
        return None
    lines = [part.probabilities for part in answered if part.probabilities is not None]
    predictions = [said for part in answered for said in part.predictions]
    return Answers(predictions, np.concatenate(lines) if lines else None)


def _refused_kind(candidate: Predictor, blocks: Sequence[Block]) -> str:
    """Return what kind of rows the candidate refuses."""
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
    apart = np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))
    worst = int(np.argmax(apart.max(axis=1)))
    largest = float(apart[worst].max())
    if not largest <= TOLERANCE:
        raise DisagreementError(f"it differs by {largest:.2g} in {kinds[worst]}")
    return largest


Floats = NDArray[np.float64]


def _numbers(
    given: Answers, expected: Answers, kinds: Sequence[str]
) -> tuple[Floats, Floats] | None:
    """Return the numbers that are to be equal; labels, and which numbers there are, must be."""
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
