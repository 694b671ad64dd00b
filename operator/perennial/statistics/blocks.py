"""Counts of candidate and stable in consecutive blocks of time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from perennial.statistics.verdict import BoolArray, FloatArray, IntArray

Counts = ArrayLike  # an array, or nested sequences


@dataclass(frozen=True, slots=True)
class Blocks:
    """Events and trials of both revisions; each array has the shape (paths, blocks).

    An event is a failed, refused or slow request, or the numerator of a custom gate; a trial is
    what it is counted among. A block with more events than trials counts its events as trials
    (workers may die without a request).
    """

    candidate_events: FloatArray
    candidate_trials: FloatArray
    stable_events: FloatArray
    stable_trials: FloatArray

    @classmethod
    def of(
        cls,
        candidate_events: Counts,
        candidate_trials: Counts,
        stable_events: Counts,
        stable_trials: Counts,
    ) -> "Blocks":
        """Return blocks of checked counts; a plain sequence is one path."""
        names = ("candidate_events", "candidate_trials", "stable_events", "stable_trials")
        given = (candidate_events, candidate_trials, stable_events, stable_trials)
        arrays = [checked(name, counts, 2) for name, counts in zip(names, given, strict=True)]
        if len({array.shape for array in arrays}) > 1:
            shapes = ", ".join(f"{n} {a.shape}" for n, a in zip(names, arrays, strict=True))
            raise ValueError(f"counts of the same blocks must have equal shapes: {shapes}")
        events_c, trials_c, events_b, trials_b = arrays
        return cls(
            events_c, np.maximum(trials_c, events_c), events_b, np.maximum(trials_b, events_b)
        )

    def exchanged(self) -> "Blocks":
        """Return the blocks with the roles of candidate and stable exchanged."""
        return Blocks(
            self.stable_events, self.stable_trials, self.candidate_events, self.candidate_trials
        )

    def sums(self) -> FloatArray:
        """Return candidate's events and trials, then stable's, shape (paths, 4)."""
        arrays = (
            self.candidate_events,
            self.candidate_trials,
            self.stable_events,
            self.stable_trials,
        )
        return np.stack([array.sum(axis=1) for array in arrays], axis=-1)

    def at(self, which: slice | BoolArray) -> "Blocks":
        """Return some of the blocks of all paths."""
        return Blocks(
            self.candidate_events[:, which],
            self.candidate_trials[:, which],
            self.stable_events[:, which],
            self.stable_trials[:, which],
        )


def checked(name: str, counts: Counts, dimensions: int) -> FloatArray:
    """Return counts as floats of so many dimensions, or raise with the name of a bad one."""
    array = np.asarray(counts, dtype=np.float64)
    if array.ndim == dimensions - 1:
        array = array[None]
    if array.ndim != dimensions:
        raise ValueError(f"{name} must have {dimensions} dimensions, or one less for one path")
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError(f"{name} must be finite counts of zero or more")
    return array


def by_step(steps: Sequence[int] | IntArray, blocks: int, step: int) -> list[BoolArray]:
    """Return the mask of the blocks of each step up to the present one.

    `steps` gives the step of each block, counted from 0; it never falls.
    """
    array = np.asarray(steps, dtype=np.int64)
    if array.shape != (blocks,):
        raise ValueError(f"steps must give one step for each of {blocks} blocks")
    if blocks and (array[0] < 0 or array[-1] > step or (np.diff(array) < 0).any()):
        raise ValueError(f"steps must rise from 0 to the present step, {step}, and never fall")
    return [np.asarray(array == one) for one in range(step + 1)]
