"""Drift of relations between inputs: directions in which the training rows hardly vary.

Each input may look as it always did while its relation to others is broken. Along a direction of
little variance, such as dew point less temperature and humidity, broken rows lie far out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from perennial.statistics.components import Kind, normal_scores
from perennial.statistics.verdict import FloatArray, IntArray

MOST: Final = 16
BINS: Final = 16
_EXPLAINED: Final = 0.65  # of the variance, by the directions that are left out
_LEAST_VARIANCE: Final = 1e-4  # below, inputs are copies of each other


@dataclass(frozen=True, slots=True)
class Directions:
    """Directions of the smallest variance among normal scores of the inputs.

    `scores` (inputs, bins) are standardised, the missing bin's is 0; `weights` has the shape
    (inputs, directions), `edges` (directions, 15).
    """

    scores: FloatArray
    weights: FloatArray
    edges: FloatArray

    @classmethod
    def of(
        cls, kinds: Sequence[Kind], counts: Sequence[FloatArray], bins: IntArray
    ) -> "Directions":
        """Return the directions of the training rows.

        `counts` are those of each input by bin, `bins` (inputs, rows) the bin of each row.
        """
        scores = _standardised(kinds, counts)
        rows = _looked_up(scores, bins)
        variances, vectors = np.linalg.eigh(np.cov(rows))
        explained = np.cumsum(variances[::-1]) / variances.sum()
        left_out = int(np.searchsorted(explained, _EXPLAINED)) + 1
        chosen = np.flatnonzero(variances > _LEAST_VARIANCE)
        chosen = chosen[chosen < len(variances) - left_out][:MOST]
        weights = vectors[:, chosen]
        # the sign of an eigenvector is arbitrary: the largest weight is positive
        largest = np.take_along_axis(weights, np.abs(weights).argmax(axis=0)[None], axis=0)
        weights = weights * np.where(largest < 0, -1.0, 1.0)
        along = weights.T @ rows
        edges = np.quantile(along, np.arange(1, BINS) / BINS, axis=1).T
        return cls(scores, weights, np.asarray(edges, dtype=np.float64))

    def along(self, bins: IntArray) -> FloatArray:
        """Return the places of rows along each direction, (inputs, rows) to (directions, rows)."""
        return np.asarray(self.weights.T @ _looked_up(self.scores, bins))

    def counts(self, bins: IntArray) -> FloatArray:
        """Return rows by bin of each direction, (inputs, rows) to (directions, 16)."""
        found = [
            np.bincount(np.searchsorted(edges, places), minlength=BINS)
            for edges, places in zip(self.edges, self.along(bins), strict=True)
        ]
        return np.array(found, dtype=np.float64).reshape(len(self.edges), BINS)


def _standardised(kinds: Sequence[Kind], counts: Sequence[FloatArray]) -> FloatArray:
    """Return the normal score of each bin with mean 0 and variance 1 over the rows with a value."""
    scores = np.zeros((len(kinds), max(map(len, counts))))
    for at, (kind, rows) in enumerate(zip(kinds, counts, strict=True)):
        known = rows if kind is Kind.ANSWER else rows[:-1]
        if not known.sum():
            continue
        found = normal_scores(known)[0]
        mean = np.average(found, weights=known)
        spread = np.sqrt(np.average((found - mean) ** 2, weights=known))
        if spread > 0:
            scores[at, : len(known)] = (found - mean) / spread
    return scores


def _looked_up(scores: FloatArray, bins: IntArray) -> FloatArray:
    return np.take_along_axis(scores, bins, axis=1)
