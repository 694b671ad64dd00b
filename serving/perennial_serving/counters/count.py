"""Counts many rows, requests or labels at once, with numpy."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.profile import MOST_SCORE_BINS, AnswerProfile
from perennial_serving.counters.bins import Bins, Floats, by_bin
from perennial_serving.counters.double_buffer import Totals
from perennial_serving.counters.inputs import CategoryCounter, NumberCounter
from perennial_serving.counters.layout import (
    DELAYS,
    OTHER_CODE,
    REQUESTS,
    SECONDS,
    ExplicitOutcome,
    Layout,
    Outcome,
)
from perennial_serving.counters.rows import RowBlock
from perennial_serving.counters.scoring import LabelKind, confidence_of, positive

_LARGEST: Final = 1e150
"""Errors are clipped here: one absurd label would dominate the sum or overflow it."""

EXPLICIT: Final = 600
"""Added to the status code of a request that names its revision; above every status code."""

_LONGEST_DELAY: Final = 1e9
"""Seconds, 31 years; delays are clipped here for the same reason."""

_SECOND_ENDS: Final = np.array((*SECONDS, np.inf))
_DELAY_ENDS: Final = np.array((*DELAYS, np.inf, np.nan))

Score = Callable[[Floats, Bins], Floats]
"""From the values of predictions and their classes to the numbers that are counted."""


class RecordCounter:
    """Adds records to totals."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._numbers = NumberCounter(layout)
        self._categories = CategoryCounter(layout)
        self._scores = _scores(layout)

    def rows(self, block: RowBlock, totals: Totals) -> None:
        """Add rows and their predictions."""
        if not block.rows:
            return
        self._numbers.add(block.numbers, totals)
        self._categories.add(block.codes, totals)
        self._answers(block, totals)
        if len(block.delays):
            self._delays(block.delays, totals)

    def _answers(self, block: RowBlock, totals: Totals) -> None:
        counts = self._layout.counts
        if self._layout.schema.classes is not None:
            _count(totals.counts[counts.classes], block.classes)
        values = block.values.reshape(block.rows, -1)
        for stretch, ends, score in self._scores:
            totals.counts[stretch] += by_bin(score(values, block.classes), ends)

    def _delays(self, delays: Floats, totals: Totals) -> None:
        totals.counts[self._layout.counts.delays] += by_bin(delays, _DELAY_ENDS)
        delays = delays.clip(-_LONGEST_DELAY, _LONGEST_DELAY)
        ahead, behind = np.fmin(delays, 0.0).sum(), np.fmax(delays, 0.0).sum()
        totals.sums[self._layout.sums.delays] += (-ahead, behind)

    def requests(self, records: Floats, totals: Totals) -> None:
        """Add requests, (requests, 3): status code, rows, seconds.

        `EXPLICIT` is added to the status code of a request that names its revision.
        """
        if not len(records):
            return
        layout, cells = self._layout, _CELLS[records[:, 0].astype(np.intp)]
        counts = layout.counts
        _count(totals.counts[counts.requests.start : counts.explicit_requests.stop], cells)
        outcomes = _OUTCOMES[cells]
        rows = np.bincount(outcomes, weights=records[:, 1], minlength=len(Outcome) + 1)
        totals.counts[counts.rows] += rows[: len(Outcome)].astype(np.int64)
        answered = records[outcomes == 0, 2]
        totals.counts[counts.seconds] += by_bin(answered, _SECOND_ENDS)
        totals.sums[layout.sums.seconds] += answered.sum()

    def labels(self, records: Floats, totals: Totals) -> None:
        """Add labels, (labels, 5): outcome, version, bin, label, prediction minus label."""
        if not len(records):
            return
        layout, whole = self._layout, records[:, :4].astype(np.intp)
        _count(totals.counts[layout.counts.label_outcomes], whole[:, 0])
        counted = whole[:, 0] == 0
        cells = whole[counted, 1] * MOST_SCORE_BINS + whole[counted, 2]
        labels = len(layout.labels)
        _count(totals.counts[layout.counts.labels], cells * labels + whole[counted, 3])
        self._errors(cells, records[counted, 4], totals)

    def _errors(self, cells: Bins, errors: Floats, totals: Totals) -> None:
        sums = self._layout.sums
        cut = np.clip(np.where(np.isnan(errors), 0.0, errors), -_LARGEST, _LARGEST)
        for stretch, values in (
            (sums.over, np.maximum(cut, 0.0)),
            (sums.under, np.maximum(-cut, 0.0)),
            (sums.squared_errors, cut * cut),
        ):
            summed = totals.sums[stretch]
            summed += np.bincount(cells, weights=values, minlength=len(summed))


def _scores(layout: Layout) -> list[tuple[slice, Floats, Score]]:
    """Return what is counted of predictions: where, the upper ends of the bins, and of what."""
    counts, profile = layout.counts, layout.profile
    is_scored = layout.kind is LabelKind.SCORED
    prediction = partial(_column, positive(layout.schema) if is_scored else 0)
    confidence = confidence_of if is_scored else partial(_column, 0)
    scores: tuple[tuple[slice, AnswerProfile | None, Score], ...] = (
        (counts.predictions, profile.prediction, prediction),
        (counts.confidences, profile.confidence, confidence),
    )
    return [(where, np.array((*of.edges, np.inf)), how) for where, of, how in scores if of]


def _column(at: int, values: Floats, _classes: Bins) -> Floats:
    return values[:, at]


def _outcome(status: int) -> Outcome:
    if status < HTTPStatus.BAD_REQUEST:
        return Outcome.ANSWERED
    return Outcome.REFUSED if status < HTTPStatus.INTERNAL_SERVER_ERROR else Outcome.FAILED


def _cell(status: int) -> int:
    """Return the cell that counts requests of a status code."""
    outcome = _outcome(status)
    known = (outcome, str(status))
    return REQUESTS.index(known if known in REQUESTS else (outcome, OTHER_CODE))


def _explicit_cell(status: int) -> int:
    """Return the cell that counts requests that name their revision, by status code."""
    is_misdirected = status == HTTPStatus.MISDIRECTED_REQUEST
    outcome = ExplicitOutcome.MISDIRECTED if is_misdirected else ExplicitOutcome(_outcome(status))
    return len(REQUESTS) + tuple(ExplicitOutcome).index(outcome)


_CELLS: Final = np.array(
    [*map(_cell, range(EXPLICIT)), *map(_explicit_cell, range(EXPLICIT))],
)
# explicit requests have an outcome of their own, which counts neither rows nor seconds
_OUTCOMES: Final = np.array(
    [tuple(Outcome).index(outcome) for outcome, _ in REQUESTS]
    + [len(Outcome)] * len(ExplicitOutcome)
)


def _count(counts: NDArray[np.int64], bins: Bins) -> None:
    counts += np.bincount(bins, minlength=len(counts))
