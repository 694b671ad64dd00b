"""Binned counts of the training rows and held-out answers: the file ``profile.json``.

| bins of | names, in order |
|---|---|
| a number | `below` the training minimum, `1`, `2`..., `above` the training maximum, `missing` |
| a Category | `1`, `2`... the most frequent values of training, `other`, `unseen`, `missing` |
| an answer | `1`, `2`... |

A bin contains its upper edge, but not its lower one.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from perennial.api.scalars import ColumnName, Count
from perennial.artifacts.document import GrowingDocument

PROFILE_FILE: Final = "profile.json"

Three = tuple[float, float, float]

MOST_CATEGORIES: Final = 32
MOST_EDGES: Final = 64
MOST_SCORE_BINS: Final = 20

_BELOW, _ABOVE, _OTHER, _UNSEEN, _MISSING = "below", "above", "other", "unseen", "missing"


class LargestShares(GrowingDocument):
    """The largest shares of rows in one block of the training rows."""

    missing: float
    """Rows without a value."""
    new: float
    """Rows whose value no other block has: outside their range, or unseen."""
    top: float
    """Rows in the fullest bin, of those with a value."""


class WindowProfile(GrowingDocument):
    """How far windows of one length differ where nothing drifts.

    The lists are by input: numbers first, then Categories; one for an answer.
    """

    blocks: Count
    """Length in blocks."""
    rows: float
    """Mean number of rows."""
    scale: tuple[Three, ...]
    """Scale of the F distribution of the omnibus, location and dispersion tests."""
    degrees: tuple[Three, ...]
    """Numerator degrees of freedom of these tests."""
    dispersion: tuple[Three, ...]
    """Correlation of the rows of a window, by test."""
    rare_dispersion: tuple[tuple[float, float], ...]
    """Correlation of new and of missing values."""
    statistics: tuple[float, ...]
    """Statistics of the whole table of pseudo-windows, ascending."""


class ByTime(GrowingDocument):
    """Blocks of time, and what windows of them show where nothing drifts."""

    seconds: Count
    """Length of a block."""
    blocks: Count
    """Number of blocks with rows."""
    windows: tuple[WindowProfile, ...]
    """The lengths of windows, ascending."""


class NumberProfile(GrowingDocument):
    """One numeric input: a Timestamp in seconds since 1970, true as 1."""

    name: ColumnName
    """Name of the column."""
    edges: tuple[float, ...] = Field(max_length=MOST_EDGES)
    """Edges of the bins, ascending; the first lies just below the training minimum."""
    mean: float
    """Mean of the training rows, from which servers sum deviations."""
    spread: float
    """Standard deviation of the training rows."""
    counts: tuple[Count, ...]
    """Training rows by bin."""
    largest: LargestShares | None = None
    """Largest shares in one block; None without blocks of time."""
    importance: float | None = None
    """What the headline metric loses when the held-out values are shuffled."""

    @property
    def bins(self) -> tuple[str, ...]:
        """The names of the bins."""
        if not self.edges:  # no training row had a value
            return (_ABOVE, _MISSING)
        return (_BELOW, *map(str, range(1, len(self.edges))), _ABOVE, _MISSING)

    def bins_of(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the position of each value's bin."""
        return bins_of_numbers(np.array(self.edges), values)


class CategoryProfile(GrowingDocument):
    """One input that is a Category."""

    name: ColumnName
    """Name of the column."""
    kept: tuple[str, ...] = Field(max_length=MOST_CATEGORIES)
    """Values with a bin of their own, the most frequent first."""
    counts: tuple[Count, ...]
    """Training rows by bin."""
    largest: LargestShares | None = None
    """Largest shares in one block; None without blocks of time."""
    importance: float | None = None
    """What the headline metric loses when the held-out values are shuffled."""

    @property
    def bins(self) -> tuple[str, ...]:
        """The names of the bins."""
        kept = range(1, len(self.kept) + 1)
        return (*map(str, kept), _OTHER, _UNSEEN, _MISSING)

    def bins_of_codes(self, categories: tuple[str, ...]) -> NDArray[np.intp]:
        """Return the bin of each code: known values in order, then unseen, then missing."""
        own = {value: position for position, value in enumerate(self.kept)}
        other = len(self.kept)
        known = [own.get(value, other) for value in categories]
        return np.array([*known, other + 1, other + 2], dtype=np.intp)


class AnswerProfile(GrowingDocument):
    """One number of every answer to the held-out rows."""

    edges: tuple[float, ...] = Field(max_length=MOST_SCORE_BINS - 1)
    """Edges between the bins, ascending: one fewer than there are bins."""
    counts: tuple[Count, ...]
    """Held-out rows by bin."""
    sums: tuple[float, ...]
    """Sum of the actual values by bin: 1 if true, or the number of a regression."""
    absolute_errors: tuple[float, ...] | None = None
    """Sum of the absolute errors by bin; regressions alone."""
    squared_errors: tuple[float, ...] | None = None
    """Sum of the squared errors by bin; regressions alone."""
    dispersion: float | None = None
    """Variance of the actual values of blocks, by that of independent rows; shares alone."""
    by_time: ByTime | None = None
    """The held-out rows in blocks of time; None if their times do not allow any."""

    @property
    def bins(self) -> tuple[str, ...]:
        """The names of the bins."""
        return tuple(map(str, range(1, len(self.edges) + 2)))


class Profile(GrowingDocument):
    """The bins that a server counts in, with the counts of the training.

    Readers ignore unknown fields: later formats add fields, and change none.
    """

    format: Literal[1] = 1
    """Version of this format."""
    rows: Count
    """Number of training rows."""
    repeated: Count
    """Training rows that equal an earlier one in every input."""
    numbers: tuple[NumberProfile, ...]
    """Inputs that are numbers, in the order of the schema."""
    categories: tuple[CategoryProfile, ...]
    """Inputs that are Categories, in the order of the schema."""
    held_out: Count
    """Number of held-out rows."""
    classes: tuple[Count, ...] | None = None
    """Held-out rows by predicted class; None for a regression."""
    prediction: AnswerProfile | None = None
    """Probability of the positive class of two, or the number of a regression."""
    confidence: AnswerProfile | None = None
    """Probability of the predicted class; the actual value is whether it was right."""
    by_time: ByTime | None = None
    """The training rows in blocks of time; None if their times do not allow any."""

    @property
    def inputs(self) -> tuple[NumberProfile | CategoryProfile, ...]:
        """The inputs: numbers first, then Categories."""
        return (*self.numbers, *self.categories)

    @property
    def score(self) -> AnswerProfile | None:
        """The profile that feedback is counted by: the prediction, or else the confidence."""
        return self.prediction or self.confidence


def bins_of_numbers(edges: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bin of each value: below, inner bins, above, missing."""
    bins = np.searchsorted(edges, values, side="left")
    bins[np.isnan(values)] = len(edges) + 1
    return bins
